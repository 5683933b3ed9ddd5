"""An application that keeps a table and never said to which workspace its rows belong."""
