#!/usr/bin/env python3
"""Labels a table with PyTorch and PEFT as the page did: how fast, and with the same labels?

    python scripts/verify_predict.py BASE_DIR ADAPTER_ZIP ROWS_CSV LABELLED_CSV [--batch 32] [--tol 1e-3]

`npm run verify:predict` calls it. Needs: pip install torch transformers peft. Batches are padded to their longest text, once in the
table's order and once sorted by length; tokenising is part of the time, as it is in the page's.
"""
import argparse
import csv
import json
import os
import sys
import tempfile
import time
import zipfile

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def predict(model, tokenizer, texts, batch, max_length, by_length):
    start = time.perf_counter()
    ids = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
    order = sorted(range(len(texts)), key=lambda row: len(ids[row])) if by_length else range(len(texts))
    order = list(order)
    found = torch.empty(len(texts), model.config.num_labels)
    with torch.inference_mode():
        for first in range(0, len(order), batch):
            rows = order[first:first + batch]
            inputs = tokenizer.pad({"input_ids": [ids[row] for row in rows]}, padding_side="right", return_tensors="pt")
            found[rows] = model(**inputs).logits.float().softmax(-1)
    return found, len(texts) / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser()
    for name in ("base", "adapter", "rows", "labelled"):
        parser.add_argument(name)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--tol", type=float, default=1e-3)
    args = parser.parse_args()
    csv.field_size_limit(sys.maxsize)
    texts = [row["text"] for row in csv.DictReader(open(args.rows, encoding="utf-8", newline=""))]
    page = list(csv.DictReader(open(args.labelled, encoding="utf-8-sig", newline="")))
    assert len(page) == len(texts), f"{len(page)} rows came out, {len(texts)} went in"
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(args.adapter).extractall(folder)
        log = json.load(open(f"{folder}/training_log.json", encoding="utf-8"))
        labels = log["labels"]
        base = AutoModelForSequenceClassification.from_pretrained(
            args.base, num_labels=len(labels), pad_token_id=log["pad_token_id"], dtype=torch.float32)
        model = PeftModel.from_pretrained(base, folder).merge_and_unload().eval()
        tokenizer = AutoTokenizer.from_pretrained(args.base)
        tokenizer.pad_token_id = log["pad_token_id"]
        for by_length in (False, True):
            probabilities, rate = predict(model, tokenizer, texts, args.batch, log["max_length"], by_length)
            how = "sorted by length" if by_length else "in the table's order"
            print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, batches of {args.batch} {how}: {rate:.0f} rows a second")
    ours = torch.tensor([[float(row[f"probability_{label}"]) for label in labels] for row in page])
    worst = (ours - probabilities).abs().max().item()
    same = sum(row["predicted_label"] == labels[best] for row, best in zip(page, probabilities.argmax(-1).tolist()))
    print(f"largest difference of a probability: {worst:.2e}; {same} of {len(page)} labels the same")
    # Where two classes are as likely to within the tolerance, either may win.
    assert worst <= args.tol and len(page) - same <= len(page) // 1000, "the page labels otherwise than PyTorch"


main()
