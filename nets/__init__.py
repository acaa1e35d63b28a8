"""Training: SAM for PyTorch, the toy neuron, CIFAR runs, sweeps, and the curvature of a model."""
