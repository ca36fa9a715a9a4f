"""Learning from scratch: networks and the chain rule behind them."""

from gdviz.learn.autograd import Value, gradients
from gdviz.learn.graph import tape
from gdviz.learn.network import forward, init_params, loss_and_grads
from gdviz.learn.training import train

__all__ = ["Value", "forward", "gradients", "init_params", "loss_and_grads", "tape", "train"]
