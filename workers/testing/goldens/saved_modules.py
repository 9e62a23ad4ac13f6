"""Writes the fixtures of modules_to_save: adapters on a base of another fixture with some modules trained as a whole.

Usage: python saved_modules.py FIXTURES   (the folder `fixtures/reference`; needs torch, transformers, peft, safetensors)

Writes FIXTURES/{gpt2-tiny-cls-saved,llama-tiny-cls-saved}: meta.json, batch.safetensors, expected.safetensors (logits, loss,
gradients), adapter/, final_adapter/, trajectory.json and trajectory.safetensors, laid out as those of the other cases. The adapter at the start has
random numbers; copies differ from the base's tensors. The twelve steps decay what transformers' Trainer decays.
"""

import copy
import json
import math
import random
import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, Trainer

PAD = 256
STEPS = 12
SNAPSHOT_AFTER = 5
HYPER = {
    "optimizer": "AdamW", "learning_rate": 5e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.1,
    "lr_scheduler": "linear", "warmup_ratio": 0.1, "max_grad_norm": 1.0,
}
CASES = {
    "gpt2-tiny-cls-saved": {
        "base": "gpt2-tiny-cls", "seed": 808,
        # The last block's attn.c_proj is matched by both settings: the copy wins.
        "lora": {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "use_rslora": True, "target_modules": ["c_attn", "c_proj"],
                 "modules_to_save": ["ln_2", "ln_f", "h.1.attn.c_proj"], "task_type": "SEQ_CLS"},
    },
    "llama-tiny-cls-saved": {
        "base": "llama-tiny-cls", "seed": 909,
        # "norm" is the end of every norm's name.
        "lora": {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "use_dora": True, "target_modules": ["q_proj", "v_proj", "o_proj"],
                 "modules_to_save": ["norm", "layers.1.self_attn.o_proj"], "task_type": "SEQ_CLS"},
    },
}


def adapter_key(name):
    name = name.replace(".modules_to_save.default", "").replace(".default", "")
    return name.removesuffix(".weight") if name.endswith("lora_magnitude_vector.weight") else name


def trained(model):
    return {adapter_key(name): p for name, p in model.named_parameters() if p.requires_grad}


def decayed(model):
    names = set(Trainer.get_decay_parameter_names(None, model))
    return {adapter_key(name) for name, p in model.named_parameters() if p.requires_grad and name in names}


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in trained(model).items():
            x = torch.randn(p.shape, generator=generator)
            if "lora_magnitude" in name:
                p.mul_(1 + 0.15 * x)
            elif "lora_A" in name:
                p.copy_((torch.rand(p.shape, generator=generator) * 2 - 1) / math.sqrt(p.shape[1]))
            elif "lora_B" in name:
                p.copy_(0.1 * x)
            elif "score" in name:
                p.copy_(0.2 * x)
            else:
                p.add_(0.05 * x)


def batch_of(sequences, labels):
    width = max(map(len, sequences))
    ids = torch.tensor([s + [PAD] * (width - len(s)) for s in sequences])
    mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in sequences])
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor(labels)}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def save(path, tensors):
    numbers = {k: v.detach().to(torch.float32 if v.is_floating_point() else torch.int32) for k, v in tensors.items()}
    save_file({k: v.reshape(v.shape or (1,)).contiguous().clone() for k, v in numbers.items()}, path, metadata={"format": "pt"})


def train(model, batches):
    parameters, keep = trained(model), decayed(model)
    groups = [
        {"params": [p for k, p in parameters.items() if k in keep], "weight_decay": HYPER["weight_decay"]},
        {"params": [p for k, p in parameters.items() if k not in keep], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=HYPER["learning_rate"], betas=tuple(HYPER["betas"]), eps=HYPER["eps"])
    steps = len(batches)
    warmup = math.ceil(steps * HYPER["warmup_ratio"])
    log, snapshot = {"loss": [], "lr": [], "grad_norm": []}, {}
    for step, batch in enumerate(batches):
        rate = HYPER["learning_rate"] * (step / warmup if step < warmup else (steps - step) / (steps - warmup))
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = model(**batch).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(list(parameters.values()), HYPER["max_grad_norm"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        for key, value in (("loss", loss.detach()), ("lr", rate), ("grad_norm", norm)):
            log[key].append(float(value))
        if step + 1 == SNAPSHOT_AFTER:
            for name, p in parameters.items():
                state = optimizer.state[p]
                numbers = {"param": p, "exp_avg": state["exp_avg"], "exp_avg_sq": state["exp_avg_sq"]}
                snapshot |= {f"{key}.{name}": value.detach().clone() for key, value in numbers.items()}
    return log, snapshot, warmup


def tidy(out, base):
    for readme in out.glob("*/README.md"):
        readme.unlink()
    for config in out.glob("*/adapter_config.json"):  # no path of the machine that wrote it
        settings = json.loads(config.read_text()) | {"base_model_name_or_path": base}
        settings["target_modules"] = sorted(settings["target_modules"])  # a set's order is by chance
        config.write_text(json.dumps(settings, indent=2, sort_keys=True))


def make(fixtures, name, case):
    out = fixtures / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()

    def base():
        return AutoModelForSequenceClassification.from_pretrained(
            fixtures / case["base"], attn_implementation="eager", dtype=torch.float32)

    model = get_peft_model(base(), LoraConfig(**copy.deepcopy(case["lora"])))
    randomise(model, case["seed"])
    model.save_pretrained(out / "adapter")

    def adapted():
        loaded = PeftModel.from_pretrained(base(), out / "adapter", is_trainable=True)
        return loaded.train()

    rng = random.Random(case["seed"])
    lengths = [17, 5, 23, 9, 1, 12]
    classes = model.config.num_labels
    labels = [rng.randrange(classes) for _ in lengths]
    batch = batch_of([[rng.randrange(PAD) for _ in range(n)] for n in lengths], labels)
    save(out / "batch.safetensors", batch)

    model = adapted()
    result = model(**batch)
    result.loss.backward()
    gradients = {key: p.grad for key, p in trained(model).items()}
    norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients.values()]))
    expected = {"logits": result.logits, "loss": result.loss, "grad_norm": norm}
    save(out / "expected.safetensors", expected | {f"grad.{key}": g for key, g in gradients.items()})

    data = [[rng.randrange(PAD) for _ in range(rng.randint(4, 28))] for _ in range(24)]
    data_labels = [rng.randrange(classes) for _ in data]
    order = [rng.sample(range(len(data)), 4) for _ in range(STEPS)]
    model = adapted()
    log, snapshot, warmup = train(model, [batch_of([data[i] for i in part], [data_labels[i] for i in part]) for part in order])
    model.save_pretrained(out / "final_adapter")
    save(out / "trajectory.safetensors", snapshot | {"final_logits": model(**batch).logits})
    hyper = HYPER | {"steps": STEPS, "batch_size": 4, "warmup_steps": warmup, "gradient_accumulation_steps": 1}
    write_json(out / "trajectory.json", {
        "hyper": hyper, "pad_token_id": PAD, "sequences": data, "labels": data_labels, "order": order, **log})
    keys = sorted(load_file(out / "adapter" / "adapter_model.safetensors"))
    assert keys == sorted(gradients), name
    write_json(out / "meta.json", {
        "case": name, "base_dir": case["base"], "pad_token_id": PAD, "labels": labels, "lora": case["lora"],
        "trainable_keys": keys, "decayed_keys": sorted(decayed(model))})
    tidy(out, case["base"])
    print(name, "losses", [round(loss, 4) for loss in log["loss"]])


if __name__ == "__main__":
    for name, case in CASES.items():
        make(Path(sys.argv[1]), name, case)
