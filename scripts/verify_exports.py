#!/usr/bin/env python3
"""Other programs' side of `npm run verify:exports`.

    verify_exports.py transformers MODEL_DIR OUT.f32 ID…     logits (tokens, vocabulary) as raw float32, computed in float32
    verify_exports.py llama.cpp MODEL.gguf [--lora FILE] --new N ID…     the likeliest tokens after these, as JSON
    verify_exports.py tokens MODEL.gguf TEXT                 its ids in llama.cpp, without those that stand around a text, as JSON
"""
import argparse
import json
import os

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")


def by_transformers(folder, out, ids):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder).float().eval()
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
    logits.float().numpy().tofile(out)
    print(json.dumps({"shape": list(logits.shape), "class": type(model).__name__}))


def by_llama_cpp(file, lora, count, ids):
    import llama_cpp
    import numpy

    model = llama_cpp.Llama(file, lora_path=lora, n_ctx=len(ids) + count, verbose=False)
    written = []
    model.eval(ids)
    for _ in range(count):
        logits = numpy.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(model.ctx, -1), shape=(model.n_vocab(),))
        written.append(int(logits.argmax()))
        model.eval(written[-1:])
    print(json.dumps(written))


def tokens(file, text):
    import llama_cpp

    model = llama_cpp.Llama(file, vocab_only=True, verbose=False)
    print(json.dumps(model.tokenize(text.encode(), add_bos=False, special=True)))


parser = argparse.ArgumentParser()
parser.add_argument("by", choices=["transformers", "llama.cpp", "tokens"])
parser.add_argument("model")
parser.add_argument("--lora")
parser.add_argument("--new", type=int, default=16)
parser.add_argument("rest", nargs="*")
given = parser.parse_intermixed_args()
if given.by == "transformers":
    by_transformers(given.model, given.rest[0], [int(one) for one in given.rest[1:]])
elif given.by == "tokens":
    tokens(given.model, given.rest[0])
else:
    by_llama_cpp(given.model, given.lora, given.new, [int(one) for one in given.rest])
