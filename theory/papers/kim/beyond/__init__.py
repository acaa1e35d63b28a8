"""Beyond the paper: linear maps, normalised SAM, exact moments, exit times, the neuron in mini-batches, plateaus."""
