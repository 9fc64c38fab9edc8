"""smlocal's reload agent: new code into a live worker of SageMaker's inference toolkit, the loaded model kept.

`attach` is called once the toolkit's transformer module has been imported. It touches one thing, `Transformer.__new__`, so
that instances of it and of its subclasses are live (live.py). All else is loaded with the first instance, as launchers
import the toolkit too.
"""


def attach(toolkit, mailbox, note):
    """Makes the transformers of a process live.

    toolkit: the module sagemaker_inference.transformer; mailbox: the folder shared with the host; note: takes a sentence on
    a failure of ours, while the exception is being handled.
    """
    transformer = toolkit.Transformer
    plain_new = transformer.__new__
    if plain_new is not object.__new__:
        note_unknown(note)
        return

    def new(cls, *_args, **_kwargs):
        try:
            from .agent import agent_of_this_process

            return agent_of_this_process(mailbox, note).new_transformer(cls)
        except Exception:  # The worker matters more than its reloads.
            note("A transformer could not be made live.")
            return plain_new(cls)

    transformer.__new__ = staticmethod(new)


def note_unknown(note):
    try:
        raise TypeError("Transformer.__new__ is defined by this version of the toolkit")
    except TypeError:
        note("The transformer is left as it is.")
