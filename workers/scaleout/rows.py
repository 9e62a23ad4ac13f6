"""What Tunelet's page does with rows, line for line: which come when, and which tokens of them are learned."""

import json
from array import array
from itertools import takewhile

MASK = 0xFFFFFFFF


def mix(value):
    """Spreads each bit of a 32-bit number over all of them."""
    value ^= value >> 16
    value = value * 0x21F0AAAD & MASK
    value ^= value >> 15
    value = value * 0x735A2D97 & MASK
    return value ^ value >> 15


def epoch_order(count, seed, epoch):
    """The order in which an epoch (from 0) takes `count` rows: Fisher and Yates, drawn from the seed alone."""
    state = mix(seed & MASK)
    for stream in (2, epoch):
        state = mix(state ^ mix(stream + 0x7F4A7C15 & MASK))
    order = array("q", range(count))
    for last in range(count - 1, 0, -1):
        state = state + 0x9E3779B9 & MASK
        other = int(mix(state) / 2**32 * (last + 1))
        order[last], order[other] = order[other], order[last]
    return order


class Rows:
    """Rows of data/*.jsonl as examples: (input ids, labels, what each label weighs in the loss)."""

    def __init__(self, run, tokenizer):
        self.run, self.tokenizer, self.task = run, tokenizer, run["task"]
        self.max_length, self.end = run["max_length"], run["end_of_text_id"]
        self.class_of = {label: index for index, label in enumerate(run["labels"])}
        self.class_weights = run["class_weights"] or [1.0] * len(self.class_of)
        if self.task == "prompt":
            settings = run["settings"]
            self.words = [settings["label_words"].get(label, label) for label in run["labels"]]
            self.system = settings["system_text"]
            self.question, self.after = settings["prompt_template"].split("{label}")
            self.is_chat = settings["use_chat_format"] and tokenizer.chat_template is not None
            empty = [self.answered("", word) for word in self.words]
            self.longest = max(len(ids) for ids, _ in empty) - min(start for _, start in empty)

    def read(self, path):
        """Rows of a file; of plain text, blocks of tokens."""
        with path.open(encoding="utf-8", newline="\n") as lines:
            rows = [json.loads(line) for line in lines]
        if self.task != "text":
            return rows
        tokens = array("i")
        for row in rows:
            tokens.extend(self.tokens(row["text"], special=False))
            tokens.extend([] if self.end is None else [self.end])
        blocks = [tokens[at : at + self.max_length] for at in range(0, len(tokens), self.max_length)]
        return [block for block in blocks if len(block) > 1]

    def learned(self, row):
        """One example of what a step learns from."""
        if self.task == "head":
            ids = self.tokens(row["text"])[: self.max_length] or [self.run["pad_token_id"]]
            label = self.class_of[row["label"]]
            return ids, [label], [self.class_weights[label]]
        if self.task == "text":
            return following(list(row), 1, len(row))
        (ids,), start = self.fitted(row["text"], [self.words[self.class_of[row["label"]]]])
        return following(ids, start, len(ids))

    def judged(self, row):
        """Examples by which a row is judged: by prompt one for each answer, of which its end does not count."""
        if self.task != "prompt":
            return [self.learned(row)]
        answers, start = self.fitted(row["text"], self.words)
        return [following(ids, start, len(ids) - (ids[-1] == self.end)) for ids in answers]

    def fitted(self, text, words):
        """Prompt and each answer, the text cut at its end until there is room; and where the answers begin."""

        def at(end):
            pairs = [self.answered(text[:end], word) for word in words]
            return [ids for ids, _ in pairs], min(start for _, start in pairs)

        def has_room(answers, start):
            return start + max(self.longest, max(map(len, answers)) - start) <= self.max_length

        if has_room(*at(len(text))):
            return at(len(text))
        fits, exceeds = 0, len(text)
        while exceeds - fits > 1:
            middle = (fits + exceeds) // 2
            fits, exceeds = (middle, exceeds) if has_room(*at(middle)) else (fits, middle)
        return at(fits)

    def answered(self, text, word):
        """Tokens of a prompt with its answer. A token that spans the border is the answer's."""
        question = self.question.replace("{text}", text)
        if self.is_chat:
            messages = [{"role": "user", "content": question.rstrip()}]
            if self.system:
                messages.insert(0, {"role": "system", "content": self.system})
            answer = {"role": "assistant", "content": word + self.after}
            prompt = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
            whole = self.tokenizer.apply_chat_template([*messages, answer], tokenize=False)
        else:
            prompt = f"{self.system}\n{question}" if self.system else question
            whole = prompt + word + self.after
        before, ids = (self.tokens(part, special=not self.is_chat) for part in (prompt, whole))
        start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, ids)))
        if self.end is None:
            return ids, start
        ends = [at for at in range(len(before), len(ids)) if self.is_chat and ids[at] == self.end]
        return (ids[: ends[-1] + 1] if ends else [*ids, self.end]), start

    def tokens(self, text, special=True):
        return self.tokenizer(text, add_special_tokens=special, verbose=False)["input_ids"]


def following(ids, start, end):
    """Each token predicts the next; those from `start` up to `end` count."""
    return ids[:-1], ids[1:], [1.0 if start <= at < end else 0.0 for at in range(1, len(ids))]
