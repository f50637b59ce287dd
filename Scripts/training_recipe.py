"""What Quipu's training documents, written again: the order of samples (Docs/Formats/shards.md), the rates."""

import math

MASK = (1 << 64) - 1


def scatter(z):
    """SplitMix64's step and finaliser."""
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31


def place(g, n, seed):
    """The sequence, of n, that sample g of the run is."""
    key = scatter(seed ^ scatter(g // n + 1))
    h = max(2, ((n - 1).bit_length() + 1) // 2)
    low = (1 << h) - 1
    x = g % n
    while True:
        left, right = x >> h, x & low
        for r in range(6):
            left, right = right, left ^ (scatter(key ^ scatter((right + (r << 56)) & MASK)) & low)
        x = left << h | right
        if x < n:
            return x


def learning_rate(step, steps, warm_up, peak, final):
    """Of step 1, 2, …: a straight rise, then a cosine down to the share `final` of the peak."""
    if step <= warm_up:
        return peak * step / warm_up
    way = (step - warm_up) / (steps - warm_up)
    return final * peak + (1 - final) / 2 * peak * (1 + math.cos(math.pi * way))
