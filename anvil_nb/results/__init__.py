"""How results show themselves: as text in a terminal, as HTML in a notebook."""
