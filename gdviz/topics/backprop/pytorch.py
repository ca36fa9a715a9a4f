"""The playground as a PyTorch script: the same network, data and weights, the same losses."""

from typing import Any

import numpy as np

from gdviz.knobs import bind_defaults
from gdviz.learn.network import Params, unflat
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.optimize.schedules import factors
from gdviz.topics.backprop.link import Leg
from gdviz.topics.backprop.settings import TRAINING, Playground, data_of, epochs_of, table_of
from gdviz.topics.backprop.training import run, settings

MOST_RATES = 5000  # of a schedule, which the script carries one by one
ACTIVATIONS = {
    "identity": "Identity()", "sigmoid": "Sigmoid()", "tanh": "Tanh()", "relu": "ReLU()",
    "leaky_relu": "LeakyReLU(0.01)", "gelu": "GELU()", "silu": "SiLU()", "softplus": "Softplus()",
}  # fmt: skip
LOSSES = {
    "bce": "torch.nn.functional.binary_cross_entropy_with_logits(z, y)",
    "cross_entropy": "torch.nn.functional.cross_entropy(z, y)",
    "mse": "torch.nn.functional.mse_loss(z, y)",
    "sigmoid_mse": "torch.nn.functional.mse_loss(torch.sigmoid(z), y)",
}
_BETAS = "lr={lr}, betas=({beta1}, {beta2}), eps={eps}"
OPTIMIZERS = {
    "gd": "SGD(parts, lr={lr})",
    "heavy_ball": "SGD(parts, lr={lr}, momentum={momentum})",
    "nesterov": "SGD(parts, lr={lr}, momentum={momentum}, nesterov=True)",
    "adagrad": "Adagrad(parts, lr={lr}, eps={eps})",
    "rmsprop": "RMSprop(parts, lr={lr}, alpha={alpha}, eps={eps})",
    "adadelta": "Adadelta(parts, lr={lr}, rho={rho}, eps={eps})",
    "adam": f"Adam(parts, {_BETAS})",
    "amsgrad": f"Adam(parts, {_BETAS}, amsgrad=True)",
    "adamw": f"AdamW(parts, {_BETAS}, weight_decay={{weight_decay}})",
    "nadam": f"NAdam(parts, {_BETAS})",
    "radam": f"RAdam(parts, {_BETAS})",
    "adamax": f"Adamax(parts, {_BETAS})",
}


def why_not(spec: Playground) -> str:
    """Return why these settings have no PyTorch script, in a sentence; empty if they have one."""
    steps = epochs_of(spec, spec.epochs) * (-(-len(data_of(spec).x) // (spec.batch or 10**9)))
    if spec.method not in OPTIMIZERS:
        return f"PyTorch has no {LABELS[spec.method]} of this kind: choose another optimizer."
    if spec.dropout:
        return "PyTorch draws other units to drop: without dropout both reach the same loss."
    if spec.past:
        return "The settings have changed on the way: start again, and the script is that of one."
    if spec.schedule != "constant" and steps > MOST_RATES:
        return f"The script would carry {steps:,} rates: take fewer epochs, or larger batches."
    return ""


def as_pytorch(spec: Playground) -> str:
    """Return a script that trains the network of the page by PyTorch, and prints its losses.

    It carries data and first weights. Raises `ValueError` where PyTorch cannot do the same.
    """
    if why := why_not(spec):
        raise ValueError(why)
    result, data = run(spec), data_of(spec)
    leg = Leg(int(result.epochs[-1]), *(getattr(spec, name) for name in TRAINING))
    asked = settings(spec, leg)
    first = unflat(result.path[0], result.sizes)
    return "\n".join(
        [
            "import numpy as np",
            "import torch",
            "",
            "torch.set_default_dtype(torch.float64)",
            *_tensors("", table_of(spec, data.x), data.y, result.loss),
            f"weights = {_literal(first)}",
            f"model = torch.nn.Sequential({_modules(first, asked['activation'])})",
            "layers = [part for part in model if isinstance(part, torch.nn.Linear)]",
            "with torch.no_grad():",
            "    for layer, (W, b) in zip(layers, weights):",
            "        layer.weight.copy_(torch.tensor(W).T)  # PyTorch has a row for each output",
            "        layer.bias.copy_(torch.tensor(b))",
            "",
            *_loss(result.loss, spec),
            "",
            *_training(spec, asked, len(data.x)),
            "",
            'print("train", float(loss_of(model(X), y).detach()))',
            *_test(spec, result.loss),
        ]
    )


def _tensors(name: str, X: np.ndarray, y: np.ndarray, loss: str) -> list[str]:
    target = y.astype(int).tolist() if loss == "cross_entropy" else y[:, None].tolist()
    return [f"X{name} = torch.tensor({X.tolist()})", f"y{name} = torch.tensor({target})"]


def _literal(params: Params) -> str:
    return repr([(W.tolist(), b.tolist()) for W, b in params])


def _modules(params: Params, activation: Any) -> str:
    """Return the modules of the network; `activation` is one name, or one for each hidden layer."""
    hidden = len(params) - 1
    names = [activation] * hidden if isinstance(activation, str) else list(activation)
    parts = []
    for i, (W, _) in enumerate(params):
        parts.append(f"torch.nn.Linear({W.shape[0]}, {W.shape[1]})")
        parts += [f"torch.nn.{ACTIVATIONS[names[i]]}"] if i < hidden else []
    return ", ".join(parts)


def _loss(loss: str, spec: Playground) -> list[str]:
    """Return the loss, and what is trained: with the penalties, from which biases are free."""
    lines = ["def loss_of(z, y):", f"    return {LOSSES[loss]}", ""]
    penalties = [
        text
        for value, text in (
            (spec.l1, f"{spec.l1!r} * layer.weight.abs().sum()"),
            (spec.l2, f"{spec.l2!r} / 2 * (layer.weight**2).sum()"),
        )
        if value
    ]
    total = "".join(f" + sum({text} for layer in layers)" for text in penalties)
    return [*lines, "def trained(rows):", f"    return loss_of(model(X[rows]), y[rows]){total}"]


def _training(spec: Playground, asked: dict[str, Any], n: int) -> list[str]:
    epochs, batch = asked["epochs"], asked["batch_size"]
    per_epoch = -(-n // batch) if batch else 1
    has_factors = spec.schedule != "constant"
    shares = asked.get("layer_rates")
    lines = [_optimizer(spec, shares)]
    if has_factors:
        table = factors(spec.schedule, epochs_of(spec, spec.epochs) * per_epoch)
        lines += [f"factors = {table[: epochs * per_epoch].tolist()}"]
        lines += ["rates = [group['lr'] for group in optimizer.param_groups]"]
    if batch:
        lines += [f"rng = np.random.default_rng({asked['seed']})"]
    lines += ["step = 0", f"for epoch in range({epochs}):"]
    rows = f"rng.permutation({n})" if batch else f"np.arange({n})"
    lines += [f"    order = {rows}"]
    lines += [
        f"    for rows in [order[k : k + {batch or n}] for k in range(0, {n}, {batch or n})]:"
    ]
    if has_factors:
        lines += ["        for group, rate in zip(optimizer.param_groups, rates):"]
        lines += ["            group['lr'] = rate * factors[step]"]
    lines += ["        optimizer.zero_grad()", "        trained(rows).backward()"]
    if spec.clip:
        lines += ["        norm = sum((p.grad**2).sum() for p in model.parameters()) ** 0.5"]
        lines += ["        for p in model.parameters():"]
        lines += [f"            p.grad *= min(1.0, {spec.clip!r} / max(float(norm), 1e-300))"]
    return [*lines, "        optimizer.step()", "        step += 1"]


def _optimizer(spec: Playground, shares: Any) -> str:
    hyper = bind_defaults(METHODS[spec.method], {"lr": spec.lr})
    text = OPTIMIZERS[spec.method].format(**{name: repr(value) for name, value in hyper.items()})
    parts = "model.parameters()"
    if shares:
        rates = [spec.lr * share for share in shares]
        parts = (
            "[{'params': list(layer.parameters()), 'lr': rate} "
            f"for layer, rate in zip(layers, {rates!r})]"
        )
    return f"optimizer = torch.optim.{text.replace('parts', parts, 1)}"


def _test(spec: Playground, loss: str) -> list[str]:
    data = data_of(spec)
    if not len(data.x_test):
        return []
    lines = _tensors("_test", table_of(spec, data.x_test), data.y_test, loss)
    return [*lines, 'print("test", float(loss_of(model(X_test), y_test).detach()))']
