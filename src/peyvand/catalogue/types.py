"""The dimensions that every chart slices by and every app names things with."""

from enum import StrEnum


class Dimension(StrEnum):
    """A family of terms; a term's code is unique in its workspace and dimension."""

    CHANNEL = "channel"
    STAGE = "stage"
    TOUCHPOINT = "touchpoint"
    PRODUCT = "product"
    BRANCH = "branch"
    DEPARTMENT = "department"
    EMPLOYEE = "employee"
    COMPANY = "company"
    SOURCE = "source"
    SUBJECT = "subject"
    KIND = "kind"
    MEASURE = "measure"
    ITEM = "item"
    DEVICE = "device"
    LANGUAGE = "language"


CODE_LENGTH = 120
