"""Figures of a split, as Tunelet's page has them."""

import math

import torch
import torch.nn.functional as F


@torch.no_grad()
def judge(training, split):
    """Figures, and one of merit: macro-F1, with the loss between equals; of plain text the loss alone."""
    rows, task, scores = training.splits[split], training.run["task"], []
    training.model.eval()
    for micro in training.dealt(range(len(rows)), len(rows)):
        groups = [training.rows.judged(rows[max(0, index)]) for index in micro]
        batch = training.collate([example for group in groups for example in group])
        losses, logits = training.losses(*batch)
        if task == "head":
            scores.append(logits[:, 0].float())
        elif task == "prompt":
            scores.append(-losses.sum(1).view(len(groups), -1))
        else:
            scores.append(torch.stack([losses.sum(1), batch[3].sum(1)], 1))
    training.model.train()
    # Each process has judged a piece of the list; the rows that fill the last one go.
    found = training.accelerator.gather(torch.cat(scores))[: len(rows)].double().cpu()
    if task == "text":
        loss = float(found[:, 0].sum() / found[:, 1].sum())
        return {"split": split, "loss": loss, "perplexity": math.exp(loss)}, -loss
    labels = torch.tensor([training.rows.class_of[row["label"]] for row in rows])
    figures = {"split": split, "count": len(rows), "loss": float(F.cross_entropy(found, labels)), **scored(labels, found)}
    return figures, figures["macro_f1"] - 1e-6 * min(1e3, figures["loss"])


def scored(labels, scores):
    """As scikit-learn's, over all classes; one that never occurs has an F1 of 0."""
    classes = scores.shape[1]
    table = torch.bincount(labels * classes + scores.argmax(1), minlength=classes**2).view(classes, classes).double()
    f1 = 2 * table.diag() / (table.sum(0) + table.sum(1)).clamp(min=1)
    return {"accuracy": float(table.diag().sum() / len(labels)), "macro_f1": float(f1.mean())}
