def total(prices: list[float]) -> float:
    """Add up."""
    return round(sum(prices), 2)
