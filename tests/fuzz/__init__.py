"""Whatever bytes come, our readers give a value or one of the refusals they declare; anything else is a fault of ours."""
