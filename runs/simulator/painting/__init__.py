"""How the simulator's pictures are drawn: words, colours, light, heroes, props, sets. Called by painter.py."""
