"""What Pulse shows, made from the figures of insights: the sentence, figures, charts, tables. Called by views/pulse.py."""
