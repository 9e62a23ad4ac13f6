"""Writes the fixtures of language models with Llama 3's rotation and with Qwen2's biases, and frequencies of that rotation.

Usage: python language_models.py FIXTURES   (the folder `fixtures/reference`; needs torch, transformers, peft, safetensors)

Writes FIXTURES/{llama3-tiny-lm,qwen2-tiny-lm}: config.json, model.safetensors, meta.json, batch.safetensors, expected.safetensors
(logits of all tokens, loss, gradients), adapter/, final_adapter/, trajectory.json, trajectory.safetensors and generation.json,
laid out as those of the other language models. All weights are random; norms and biases are far from 1 and 0. Writes also
FIXTURES/rope/llama3.json: inverse frequencies of published Llama 3 configurations, by transformers.
"""

import copy
import random
import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from saved_modules import HYPER, SNAPSHOT_AFTER, randomise, save, tidy, train, trained, write_json
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

TOKENS = 97  # that occur in texts; the rest are begin, end and padding
BEGIN, END, PAD = 98, 99, 100
STEPS = 12
NEW_TOKENS = 16
SHARED = {
    "vocab_size": 101, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "bos_token_id": BEGIN, "eos_token_id": END, "pad_token_id": PAD,
}
LORA = {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM"}
CASES = {
    "llama3-tiny-lm": {
        "seed": 1010,
        # A head is wider than hidden_size / heads. One pair of it keeps its speed, two are in between, five are slowed down;
        # the longest text goes beyond the original positions.
        "make": lambda: LlamaForCausalLM(LlamaConfig(
            **SHARED, head_dim=16, max_position_embeddings=384, rms_norm_eps=1e-5, tie_word_embeddings=False,
            rope_parameters={"rope_type": "llama3", "rope_theta": 1000.0, "factor": 8.0, "low_freq_factor": 1.25,
                             "high_freq_factor": 5.0, "original_max_position_embeddings": 48})),
        "lengths": [17, 5, 52, 9, 3, 12],
        "bands": [1, 2, 5],
    },
    "qwen2-tiny-lm": {
        "seed": 1111,
        "make": lambda: Qwen2ForCausalLM(Qwen2Config(
            **SHARED, max_position_embeddings=128, rms_norm_eps=1e-6, tie_word_embeddings=True, use_sliding_window=False,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6})),
        "lengths": [17, 5, 23, 9, 3, 12],
        "bands": None,
    },
}
PUBLISHED = [  # Llama 3.1, Llama 3.2 1B, Llama 3.2 3B
    {"rope_theta": 500000.0, "factor": 8.0, "head_dim": 128},
    {"rope_theta": 500000.0, "factor": 32.0, "head_dim": 64},
    {"rope_theta": 500000.0, "factor": 32.0, "head_dim": 128},
]


def randomise_base(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            x = torch.randn(p.shape, generator=generator)
            if name.endswith("bias"):
                p.copy_(0.3 * x)
            elif p.ndim == 1:
                p.copy_(1 + 0.2 * x)
            elif "embed_tokens" in name or "lm_head" in name:
                p.copy_(0.4 * x)
            elif "q_proj" in name or "k_proj" in name:  # attention far from uniform
                p.copy_(0.25 * x)
            else:
                p.copy_(0.17 * x)
    return model


def bands(config):
    """How many pairs of a head keep their frequency, are in between, are slowed down by the whole factor."""
    scaled, _ = ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")
    rope, size = config.rope_parameters, config.head_dim
    plain = torch.tensor([rope["rope_theta"] ** (-2 * pair / size) for pair in range(size // 2)])
    share = plain / scaled
    kept, slowed = (share < 1.001).sum().item(), (share > rope["factor"] * 0.999).sum().item()
    return [kept, len(share) - kept - slowed, slowed]


def prompt_of(sequence):
    return max(1, len(sequence) // 3)


def batch_of(sequences):
    """Padded on the right; the first third of a text is not learned."""
    width = max(map(len, sequences))
    fill = lambda rows, by: torch.tensor([row + [by] * (width - len(row)) for row in rows])
    labels = [[-100] * prompt_of(s) + s[prompt_of(s):] for s in sequences]
    return {"input_ids": fill(sequences, PAD), "attention_mask": fill([[1] * len(s) for s in sequences], 0), "labels": fill(labels, -100)}


def packed(logits, batch):
    """(tokens, vocabulary): of all tokens that are not padding, sequence after sequence."""
    return logits[batch["attention_mask"].bool()]


def greedy(model, rng):
    """Texts of three lengths; the first of each whose continuation is varied and has no near tie."""
    generations = []
    for length in (3, 8, 14):
        for _ in range(400):
            prompt = [rng.randrange(TOKENS) for _ in range(length)]
            result = model.generate(
                input_ids=torch.tensor([prompt]), attention_mask=torch.ones(1, length, dtype=torch.long), do_sample=False,
                max_new_tokens=NEW_TOKENS, eos_token_id=None, pad_token_id=PAD, return_dict_in_generate=True, output_logits=True)
            best = torch.stack(result.logits, 1)[0].topk(2, -1).values
            new, margin = result.sequences[0, length:].tolist(), (best[:, 0] - best[:, 1]).min().item()
            if len(set(new)) >= 6 and margin >= 0.05:
                generations.append({"prompt": prompt, "new_tokens": new, "least_margin": margin})
                break
    assert len(generations) == 3
    return {"max_new_tokens": NEW_TOKENS, "do_sample": False, "eos_disabled": True, "generations": generations}


def make(fixtures, name, case):
    out, seed = fixtures / name, case["seed"]
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    model = randomise_base(case["make"](), seed)
    assert case["bands"] is None or bands(model.config) == case["bands"], bands(model.config)
    model.save_pretrained(out)

    def base():
        return AutoModelForCausalLM.from_pretrained(out, attn_implementation="eager", dtype=torch.float32)

    model = get_peft_model(base(), LoraConfig(**copy.deepcopy(LORA)))
    randomise(model, seed + 1)
    model.save_pretrained(out / "adapter")

    def adapted():
        return PeftModel.from_pretrained(base(), out / "adapter", is_trainable=True).train()

    rng = random.Random(seed)
    sequences = [[rng.randrange(TOKENS) for _ in range(length)] for length in case["lengths"]]
    batch = batch_of(sequences)
    save(out / "batch.safetensors", batch)

    model = adapted()
    result = model(**batch)
    result.loss.backward()
    gradients = {key: p.grad for key, p in trained(model).items()}
    norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients.values()]))
    expected = {"logits": packed(result.logits, batch), "loss": result.loss, "grad_norm": norm}
    save(out / "expected.safetensors", expected | {f"grad.{key}": g for key, g in gradients.items()})
    write_json(out / "generation.json", greedy(adapted().eval(), rng))

    few = rng.sample(range(TOKENS), 12)  # something to learn
    data = [[rng.choice(few) for _ in range(rng.randint(4, 28))] for _ in range(24)]
    order = [rng.sample(range(len(data)), 4) for _ in range(STEPS)]
    model = adapted()
    log, snapshot, warmup = train(model, [batch_of([data[i] for i in part]) for part in order])
    model.save_pretrained(out / "final_adapter")
    with torch.no_grad():
        save(out / "trajectory.safetensors", snapshot | {"final_logits": packed(model.eval()(**batch).logits, batch)})
    hyper = HYPER | {"steps": STEPS, "batch_size": 4, "warmup_steps": warmup, "gradient_accumulation_steps": 1}
    write_json(out / "trajectory.json", {
        "hyper": hyper, "pad_token_id": PAD, "sequences": data, "prompt_lengths": [prompt_of(s) for s in data], "order": order,
        "snapshot_after_step": SNAPSHOT_AFTER, **log})
    keys = sorted(load_file(out / "adapter" / "adapter_model.safetensors"))
    assert keys == sorted(gradients), name
    write_json(out / "meta.json", {
        "case": name, "seed": seed, "pad_token_id": PAD, "lengths": case["lengths"],
        "prompt_lengths": [prompt_of(s) for s in sequences], "lora": LORA, "trainable_keys": keys})
    tidy(out, name)
    print(name, "loss", result.loss.item(), "norm", norm.item(), "losses", [round(loss, 4) for loss in log["loss"]])


def make_frequencies(out):
    out.mkdir(exist_ok=True)
    cases = []
    for case in PUBLISHED:
        rope = {
            "rope_type": "llama3", "rope_theta": case["rope_theta"], "factor": case["factor"], "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 8192,
        }
        frequencies, scale = ROPE_INIT_FUNCTIONS["llama3"](
            LlamaConfig(head_dim=case["head_dim"], max_position_embeddings=131072, rope_parameters=rope), "cpu")
        assert scale == 1 and frequencies.dtype == torch.float32
        cases.append({"head_dim": case["head_dim"], "rope_parameters": rope, "inverse_frequencies": frequencies.tolist()})
    write_json(out / "llama3.json", {"cases": cases})


if __name__ == "__main__":
    torch.set_num_threads(1)
    fixtures = Path(sys.argv[1])
    for name, case in CASES.items():
        make(fixtures, name, case)
    make_frequencies(fixtures / "rope")
