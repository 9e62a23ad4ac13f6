#!/usr/bin/env python3
"""One LoRA training step of a GPT-2 shape by PyTorch and PEFT, on the lengths that the benchmark hands over.

Reads one JSON object a line: {"workload": {...}, "steps": n, "seconds": s, "quick": bool}, as run.mjs sends them. Answers
the first line by itself ({"ready": ..., versions, device}), then each request with {"rows": [...], "skipped": [...]}.

Rows: the same work as Tunelet's (the base's dropouts at 0, scaled dot-product attention, padded to the longest text of
the batch), and the library's defaults (dropouts as the configuration has them, eager attention). float32; on CUDA also
under bfloat16 autocast, and that compiled.
"""

import json
import os
import statistics
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def answer(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


try:
    import peft
    import torch
    import transformers
    from peft import LoraConfig, get_peft_model
    from transformers import GPT2Config, GPT2ForSequenceClassification
except ImportError as error:
    answer({"ready": False, "reason": str(error)})
    sys.exit(0)

transformers.utils.logging.set_verbosity_error()
CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CUDA else "cpu")

SAME_WORK = {"engine": "pytorch", "attention": "sdpa", "dropout": 0.0}
DEFAULTS = {"engine": "pytorch, library defaults", "attention": "eager", "dropout": None}


def modes(quick):
    """Every row's settings; autocast and compilation only where there is a GPU to gain from them."""
    plain = {"precision": "float32", "autocast": False, "compile": False}
    half = {"precision": "bf16 autocast", "autocast": True, "compile": False}
    compiled = {"precision": "bf16 autocast, compiled", "autocast": True, "compile": True}
    if not CUDA:
        return [{**SAME_WORK, **plain}, {**DEFAULTS, **plain}]
    rows = [{**SAME_WORK, **plain}, {**SAME_WORK, **half}, {**DEFAULTS, **plain}, {**DEFAULTS, **half}]
    return rows if quick else [*rows, {**SAME_WORK, **compiled}]


def build(workload, mode):
    """The base with random weights, its adapter, and the optimizer."""
    torch.manual_seed(0)
    dropouts = {} if mode["dropout"] is None else {
        name: mode["dropout"] for name in ("embd_pdrop", "attn_pdrop", "resid_pdrop")
    }
    config = GPT2Config(
        vocab_size=workload["vocabulary"],
        n_positions=workload["positions"],
        n_embd=workload["width"],
        n_layer=workload["layers"],
        n_head=workload["heads"],
        num_labels=workload["labels"],
        pad_token_id=workload["vocabulary"] - 1,
        attn_implementation=mode["attention"],
        **dropouts,
    )
    adapter = LoraConfig(
        r=workload["r"],
        lora_alpha=workload["loraAlpha"],
        lora_dropout=0.0,
        target_modules=workload["targets"],
        fan_in_fan_out=True,
        task_type="SEQ_CLS",
    )
    model = get_peft_model(GPT2ForSequenceClassification(config), adapter).to(DEVICE).train()
    used = model.config._attn_implementation
    if used != mode["attention"]:
        raise RuntimeError(f"asked for {mode['attention']} attention, got {used}")
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=5e-4, weight_decay=0.01, fused=True)
    return model, parameters, optimizer


def padded(workload, lengths):
    """A batch on the host, padded on the right to its longest text."""
    pad = workload["vocabulary"] - 1
    longest = max(lengths)
    ids = torch.full((len(lengths), longest), pad)
    mask = torch.zeros(len(lengths), longest, dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(0, pad, (length,))
        mask[row, :length] = 1
    labels = torch.arange(len(lengths)) % workload["labels"]
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def measure(workload, mode, steps, seconds):
    """One row."""
    if CUDA:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    model, parameters, optimizer = build(workload, mode)
    run = torch.compile(model, dynamic=True) if mode["compile"] else model
    batches = [padded(workload, lengths) for lengths in workload["batches"]]

    def step(at):
        batch = {name: tensor.to(DEVICE, non_blocking=True) for name, tensor in batches[at % len(batches)].items()}
        with torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=mode["autocast"]):
            loss = run(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return loss

    # A GPU's allocator and compiler meet every shape beforehand; on a processor two steps are enough.
    for at in range(len(batches) if CUDA else min(2, steps)):
        loss = step(at)
    if not bool(torch.isfinite(loss)):
        raise RuntimeError(f"the loss is {loss.item()}")
    times = timed_on_gpu(step, steps, seconds) if CUDA else timed_on_processor(step, steps, seconds)
    lengths = [workload["batches"][at % len(batches)] for at in range(1, len(times) + 1)]
    total = sum(times)
    weights = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    return {
        "workload": workload["name"],
        "engine": mode["engine"],
        "precision": mode["precision"],
        "steps": len(times),
        "msPerStep": statistics.median(times) * 1000,
        "msMinimum": min(times) * 1000,
        "msMaximum": max(times) * 1000,
        "examplesPerSecond": sum(len(batch) for batch in lengths) / total,
        "tokensPerSecond": sum(sum(batch) for batch in lengths) / total,
        "encodeMs": None,
        "dispatches": None,
        "submits": None,
        "bindGroups": None,
        "weightBytes": weights,
        "arenaBytes": None,
        "gpuBytes": torch.cuda.max_memory_allocated() if CUDA else None,
        "multiplyAdds": None,
        "peakShare": None,
        "firstStepMs": None,
        "kernels": None,
        "findings": None,
        "note": f"{mode['attention']} attention, padded to the longest",
    }


def timed_on_processor(step, steps, seconds):
    begin = time.perf_counter()
    times = []
    for at in range(1, steps + 1):
        start = time.perf_counter()
        step(at)
        times.append(time.perf_counter() - start)
        if time.perf_counter() - begin > seconds:
            break
    return times


def timed_on_gpu(step, steps, seconds):
    """Steps follow one another without waiting for the device; its own events tell when each ended."""
    marks = [torch.cuda.Event(enable_timing=True)]
    torch.cuda.synchronize()
    begin = time.perf_counter()
    marks[0].record()
    for at in range(1, steps + 1):
        step(at)
        mark = torch.cuda.Event(enable_timing=True)
        mark.record()
        marks.append(mark)
        if time.perf_counter() - begin > seconds:
            break
    torch.cuda.synchronize()
    return [before.elapsed_time(after) / 1000 for before, after in zip(marks, marks[1:])]


def main():
    name = torch.cuda.get_device_name() if CUDA else f"CPU, {torch.get_num_threads()} threads"
    answer({
        "ready": True,
        "device": name,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    })
    for line in sys.stdin:
        request = json.loads(line)
        rows, skipped = [], []
        for mode in modes(request["quick"]):
            try:
                rows.append(measure(request["workload"], mode, request["steps"], request["seconds"]))
            except Exception as error:  # what one mode cannot do must not cost the others their rows; it is reported
                skipped.append(f"{mode['engine']}, {mode['precision']}: {type(error).__name__}: {error}"[:500])
        answer({"rows": rows, "skipped": skipped})


main()
