"""What an optimiser does to a weight, written once: rules, what they are run on, and what follows from them."""
