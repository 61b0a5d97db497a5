"""How the simulator's pictures are drawn: words, colours, light, heroes, props, sets. For painter.py."""
