"""What the pages about customers show: rows, the person, their scores and their timeline in words."""
