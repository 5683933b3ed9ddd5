"""What the later release keeps."""

from django.db import models


class Thing(models.Model):
    """Something that the release before does not know."""

    def __str__(self) -> str:
        return str(self.pk)
