"""Section 4.3, the toy neuron."""
