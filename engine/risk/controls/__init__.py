"""The controls: pure functions of one candidate, each silent or with one reason why not."""
