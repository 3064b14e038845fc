"""Made recordings with known clocks, and how confidence in clocks is fitted and measured."""
