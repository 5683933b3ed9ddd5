"""What it keeps."""

from django.db import models


class Secret(models.Model):
    """Something of somebody's."""

    def __str__(self) -> str:
        return str(self.pk)
