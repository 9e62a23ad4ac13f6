"""The base under the adapter, and how it learns."""

from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer, get_scheduler

HERE = Path(__file__).parent


def base_of(run):
    """Where `from_pretrained` finds the base."""
    base = run["base"]
    place = {"pretrained_model_name_or_path": str(HERE / base["folder"]) if base["folder"] else base["name"]}
    return place | {"revision": base["revision"]} | ({"gguf_file": base["gguf_file"]} if base["gguf_file"] else {})


def load_tokenizer(run):
    return AutoTokenizer.from_pretrained(**base_of(run))


def load_model(run):
    """The base's own dropout is off, as in the tab."""
    labels, settings = dict(enumerate(run["labels"])), run["settings"]
    config = AutoConfig.from_pretrained(**base_of(run))
    changes = {key: 0.0 for key in config.to_dict() if key.endswith(("_pdrop", "dropout"))}
    if run["task"] == "head":
        changes |= {"id2label": labels, "label2id": {label: index for index, label in labels.items()}}
    config.update(changes | {"pad_token_id": run["pad_token_id"], "use_cache": False})
    kind = AutoModelForSequenceClassification if run["task"] == "head" else AutoModelForCausalLM
    base = kind.from_pretrained(**base_of(run), config=config, dtype=torch.float32)
    if settings["gradient_checkpointing"]:
        base.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return PeftModel.from_pretrained(base, HERE / "adapter", is_trainable=True)


def optimizer_and_schedule(model, settings, warmup, total):
    """AdamW. Biases and norms that are trained as a whole do not decay; all that LoRA adds does."""
    groups = {settings["weight_decay"]: [], 0.0: []}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups[0.0 if parameter.ndim < 2 and "lora_" not in name else settings["weight_decay"]].append(parameter)
    groups = [{"params": parameters, "weight_decay": decay} for decay, parameters in groups.items() if parameters]
    optimizer = torch.optim.AdamW(groups, lr=settings["learning_rate"], betas=(0.9, 0.999), eps=1e-8)
    return optimizer, get_scheduler(settings["lr_scheduler_type"], optimizer, warmup, total)
