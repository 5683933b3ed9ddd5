"""From an Ibis expression of figures to SQL of an engine. Called by the engines.

The expressions speak of a variable `asked` and of some functions by the names they have in DuckDB: the parts of the variable
become parameters of the statement, the functions those the engine has.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import sqlglot.expressions as sge

Function = Callable[..., "sge.Expression"]
VARIABLE = "getvariable"
PREFIX = "asked_"


def with_parameters(
    expression: Any, compiler: Any, functions: Mapping[str, Function], parameter: "Callable[[str, dt.DataType], Any]"
) -> "sge.Expression":
    """The statement of an expression; `functions` give what stands for a named function, `parameter` what stands for a part of `asked`."""
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight

    types: dict[str, Any] = {}
    tree: sge.Expression = compiler.to_sqlglot(
        expression.op().replace(lambda node, changed: _part(node, changed, types)).to_expr()
    ).copy()  # Ibis hangs one node in several places
    for node in reversed(list(tree.find_all(sge.Anonymous))):  # from the inside out
        name = str(node.this)
        if name.startswith(PREFIX):
            part = name.removeprefix(PREFIX)
            node.replace(parameter(part, types[part]))
        elif name.lower() in functions:
            node.replace(functions[name.lower()](*node.expressions))
    return tree


def _part(node: Any, changed: Mapping[str, Any] | None, types: dict[str, Any]) -> Any:
    """A part of the variable as a function of its own, which the SQL then shows by name."""
    import ibis  # noqa: PLC0415 - weight
    import ibis.expr.operations as ops  # noqa: PLC0415 - weight

    if isinstance(node, ops.StructField) and getattr(node.arg, "__func_name__", "") == VARIABLE:
        types[node.field] = node.dtype
        return ibis.udf.scalar.builtin(lambda: None, name=f"{PREFIX}{node.field}", signature=((), node.dtype))().op()
    return node.__recreate__(changed) if changed else node


def call(name: str) -> Function:
    """A function of the engine that takes the same arguments in the same order."""

    def made(*arguments: "sge.Expression") -> "sge.Expression":
        import sqlglot.expressions as sge  # noqa: PLC0415 - weight

        return sge.Anonymous(this=name, expressions=list(arguments))

    return made


def field_of(path: "sge.Expression") -> "sge.Expression":
    """The name in a path to a field of JSON, which is written `$."name"`."""
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight

    number = sge.Literal.number
    return call("substring")(path, number(4), sge.Sub(this=call("length")(path.copy()), expression=number(4)))
