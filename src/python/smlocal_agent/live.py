"""A transformer whose code and model can be exchanged while it answers.

A *version* is a `__dict__`: model, hooks, environment, whatever the toolkit keeps as attributes. The object that the handler
service holds is a *facade*; each call of `transform` runs the toolkit's own, unmodified method on a *view*: an object that
took the facade's `__dict__` of that moment. To publish a version is one assignment of `facade.__dict__`; a view that is
still at work keeps the version that it started with, and whoever reads or sets attributes of the facade (`_model`,
`_context`, …) deals with the current one.
"""

import types
import weakref

REGISTRATION = "_smlocal"


class Registration:
    """What the agent keeps beside a transformer, in every version of it."""

    def __init__(self, agent, facade):
        self.agent = agent
        self.facade = weakref.ref(facade)
        # How the toolkit was asked to initialise, so that a model can be loaded anew the same way.
        self.arguments = None
        # The model whose code was looked for, and what was found.
        self.code = None, None


def live_classes(cls):
    """The facade's and the view's class for a transformer class of the toolkit, or of a subclass of it."""

    class View(cls):
        def validate_and_initialize(self, *args, **kwargs):
            initialize = super().validate_and_initialize
            registration = self.__dict__.get(REGISTRATION)
            if registration is None or is_initialized(self):
                return initialize(*args, **kwargs)
            return registration.agent.initialize(self, initialize, args, kwargs)

    class Facade(View):
        smlocal_view_class = View

        def transform(self, *args, **kwargs):
            self.__dict__[REGISTRATION].agent.wake()
            return view_of(self).transform(*args, **kwargs)

        def validate_and_initialize(self, *args, **kwargs):
            self.__dict__[REGISTRATION].agent.wake()
            return view_of(self).validate_and_initialize(*args, **kwargs)

    for each in (View, Facade):
        each.__name__, each.__qualname__ = cls.__name__, cls.__qualname__
        each.__module__ = getattr(cls, "__module__", __name__)  # A class made by type() may have none.
    return Facade


def is_initialized(transformer):
    return bool(transformer.__dict__.get("_initialized"))


def view_of(facade):
    """The current version, to run a method on."""
    view = object.__new__(type(facade).smlocal_view_class)
    view.__dict__ = facade.__dict__
    return view


def draft_of(facade):
    """A copy of the current version, to be changed and then published."""
    draft = object.__new__(type(facade).smlocal_view_class)
    draft.__dict__ = dict(facade.__dict__)
    bind_to(draft)
    return draft


def bind_to(view):
    """Methods among the attributes (the toolkit keeps `_default_transform_fn` so) belong to the version that holds them."""
    registration = view.__dict__[REGISTRATION]
    for name, value in list(view.__dict__.items()):
        owner = value.__self__ if isinstance(value, types.MethodType) else None
        if getattr(owner, "__dict__", {}).get(REGISTRATION) is registration:
            view.__dict__[name] = types.MethodType(value.__func__, view)


def load_anew(draft):
    """Has the toolkit initialise a draft as it did the transformer: its own order of hooks, its own arguments."""
    args, kwargs = draft.__dict__[REGISTRATION].arguments
    draft._initialized = False
    super(type(draft), draft).validate_and_initialize(*args, **kwargs)


def model_of(transformer):
    return transformer.__dict__.get("_model")


def publish(facade, draft):
    facade.__dict__ = draft.__dict__
