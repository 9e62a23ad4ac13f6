#!/usr/bin/env python3
"""Does PEFT load what `npm run tune` wrote, and does it give the page's own logits?

    npm run tune -- --out out
    python scripts/verify_adapter.py out public/models/nano-gpt2 public/samples/bank-messages/test.csv [--tol 1e-4]

Needs: pip install torch transformers peft. OUT_DIR holds the adapter, metrics.json and logits.json; BASE_DIR the base model's
files; TEST_CSV the texts the run was judged on (its own test file, columns text,label). Checks the key sets, every logit
(max|a-b| <= tol x max|b|), the accuracy of metrics.json, and runs the Python lines of the adapter's README.md as they stand.
"""
import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")

import torch
from peft import PeftModel
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def load(base_dir, adapter_dir, log):
    labels = log["labels"]
    base = AutoModelForSequenceClassification.from_pretrained(
        base_dir, num_labels=len(labels), pad_token_id=log["pad_token_id"], dtype=torch.float32)
    model = PeftModel.from_pretrained(base, adapter_dir).eval()
    wanted = set(get_peft_model_state_dict(model))
    stored = set(load_file(adapter_dir / "adapter_model.safetensors"))
    assert wanted == stored, f"missing {sorted(wanted - stored)}, left over {sorted(stored - wanted)}"
    return model


def logits_of(model, tokenizer, texts, max_length):
    rows = []
    with torch.no_grad():
        for text in texts:  # one by one: no padding, as in the page
            inputs = tokenizer(text, truncation=True, max_length=max_length, return_tensors="pt")
            rows.append(model(**inputs).logits[0])
    return torch.stack(rows)


def run_printed_lines(adapter_dir, base_dir, log):
    readme = (adapter_dir / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", readme, re.S).group(1)
    folder = re.search(r'^adapter_path = "([^"]+)"', code, re.M).group(1)
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(adapter_dir, Path(work) / folder)
        shutil.copytree(base_dir, Path(work) / log["base"]["name"])
        done = subprocess.run([sys.executable, "-c", code], cwd=work, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("base_dir", type=Path)
    parser.add_argument("test_csv", type=Path)
    parser.add_argument("--tol", type=float, default=1e-4)
    options = parser.parse_args()
    log = json.loads((options.out_dir / "training_log.json").read_text(encoding="utf-8"))
    page = json.loads((options.out_dir / "logits.json").read_text())
    metrics = json.loads((options.out_dir / "metrics.json").read_text())
    with open(options.test_csv, encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert len(texts) == len(page["tuned"]), f"{len(texts)} texts, but the page judged {len(page['tuned'])}"

    model = load(options.base_dir, options.out_dir, log)
    tokenizer = AutoTokenizer.from_pretrained(options.base_dir)
    actual = logits_of(model, tokenizer, texts, log["max_length"])
    expected = torch.tensor(page["tuned"])
    difference = float((actual - expected).abs().max() / expected.abs().max())
    accuracy = float((actual.argmax(-1) == torch.tensor(page["labels"])).float().mean())
    printed = run_printed_lines(options.out_dir, options.base_dir, log)
    print(json.dumps({"texts": len(texts), "relative_difference": difference, "accuracy": accuracy,
                      "accuracy_of_page": metrics["tuned"]["accuracy"], "printed_lines": printed}, indent=1))
    assert difference <= options.tol, f"logits differ by {difference} > {options.tol}"
    assert abs(accuracy - metrics["tuned"]["accuracy"]) < 1e-6


if __name__ == "__main__":
    main()
