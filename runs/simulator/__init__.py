"""ComfyUI's protocol without a GPU: the default engine of an installation and the far end of its tests.

`server.Simulator` is the way in; `painter.paint` makes its pictures.
"""
