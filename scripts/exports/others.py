#!/usr/bin/env python3
"""Other programs' side of `npm run verify:exports`.

    others.py causal MODEL_DIR OUT.f32 ID…       logits (tokens, vocabulary) as raw float32, computed in float32
    others.py classifier MODEL_DIR OUT.f32 TEXTS.json LENGTH     logits (texts, labels) likewise, and what a pipeline answers
    others.py card README.md                     what huggingface_hub reads of a model card, and its Markdown as it is shown
    others.py llama.cpp MODEL.gguf [--lora FILE] --new N ID…     the likeliest tokens after these, as JSON
    others.py tokens MODEL.gguf TEXT             its ids in llama.cpp, without those that stand around a text, as JSON
"""
import argparse
import json
import os

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")


def causal(folder, out, ids):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder).float().eval()
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
    logits.float().numpy().tofile(out)
    print(json.dumps({"shape": list(logits.shape), "class": type(model).__name__}))


def classifier(folder, out, texts_file, length):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    with open(texts_file, encoding="utf-8") as file:
        texts = json.load(file)
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    stored = str(model.dtype).removeprefix("torch.")
    model = model.float().eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        rows = [model(**tokenizer(text, truncation=True, max_length=length, return_tensors="pt")).logits[0] for text in texts]
    torch.stack(rows).numpy().tofile(out)
    answers = pipeline("text-classification", folder)(texts, truncation=True, max_length=length)
    print(json.dumps({"class": type(model).__name__, "stored": stored, "labels": list(model.config.id2label.values()), "answers": answers}))


def card(file):
    from huggingface_hub import ModelCard
    from markdown_it import MarkdownIt

    card = ModelCard.load(file)
    results = card.data.eval_results
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(card.text)
    inner = [child for token in tokens for child in token.children or []]
    print(json.dumps({
        "data": {key: value for key, value in card.data.to_dict().items() if key != "model-index"},
        "name": card.data.model_name,
        "datasets": [one.dataset_name for one in results],
        "metrics": [[one.metric_type, one.metric_name, one.metric_value] for one in results],
        "html": [token.content for token in tokens + inner if token.type.startswith("html_")],
        "headings": [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"],
        "texts": [child.content for child in inner if child.type in ("text", "code_inline")],
    }))


def llama_cpp(file, lora, count, ids):
    import llama_cpp as library
    import numpy

    model = library.Llama(file, lora_path=lora, n_ctx=len(ids) + count, verbose=False)
    written = []
    model.eval(ids)
    for _ in range(count):
        logits = numpy.ctypeslib.as_array(library.llama_get_logits_ith(model.ctx, -1), shape=(model.n_vocab(),))
        written.append(int(logits.argmax()))
        model.eval(written[-1:])
    print(json.dumps(written))


def tokens(file, text):
    from llama_cpp import Llama

    model = Llama(file, vocab_only=True, verbose=False)
    print(json.dumps(model.tokenize(text.encode(), add_bos=False, special=True)))


parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["causal", "classifier", "card", "llama.cpp", "tokens"])
parser.add_argument("model")
parser.add_argument("--lora")
parser.add_argument("--new", type=int, default=16)
parser.add_argument("rest", nargs="*")
given = parser.parse_intermixed_args()
if given.what == "causal":
    causal(given.model, given.rest[0], [int(one) for one in given.rest[1:]])
elif given.what == "classifier":
    classifier(given.model, given.rest[0], given.rest[1], int(given.rest[2]))
elif given.what == "card":
    card(given.model)
elif given.what == "tokens":
    tokens(given.model, given.rest[0])
else:
    llama_cpp(given.model, given.lora, given.new, [int(one) for one in given.rest])
