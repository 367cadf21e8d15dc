# SPDX-License-Identifier: Apache-2.0
"""Objects that accept whatever an unpickler does to them, and do nothing.

They stand in for everything a pickle imports, so that a reader gets as far
into a hostile stream as it ever could while none of it takes effect.  Calling
a stub, or asking it for an attribute, gives the stub itself.

Readers insist on certain kinds in certain places: the C reader wants a real
class for NEWOBJ, a tuple for the arguments of a call, a dict for keywords.  So
there is one stub of each kind.
"""

from typing import Any, Dict, Iterator


class _Inert:
    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __eq__(self, other: Any) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class _InertMeta(_Inert, type):
    __hash__ = type.__hash__


class InertClass(metaclass=_InertMeta):
    """A class whose instances are the class."""

    def __new__(cls, *args: Any, **keywords: Any) -> Any:
        return cls


class InertFunction(_Inert):
    """A callable that is no class."""


class InertTuple(_Inert, tuple):
    """An empty tuple that can be called."""


class InertDict(_Inert, dict):
    """An empty dict that can be called."""


class InertBytes(_Inert, bytes):
    """An empty buffer that can be called."""


CLASS = InertClass
STUBS: Dict[str, Any] = {
    "class": CLASS,
    "function": InertFunction(),
    "tuple": InertTuple(),
    "dict": InertDict(),
    "bytes": InertBytes(),
}
