"""llama.cpp through `llama-cpp-python`, built for this machine: a third faster than the prebuilt wheel at
reading prompts."""

from __future__ import annotations

import codecs
import ctypes
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter
from llama_cpp.llama_grammar import json_schema_to_gbnf

from agent.llm.chat_marks import harmless
from agent.llm.contract import Message, ModelUnavailable, Role
from agent.llm.engine import (
    MODEL_SEED,
    Call,
    Completion,
    Finish,
    Halt,
    ModelFileUnusable,
    PromptTooLong,
    TextAhead,
)
from agent.llm.prefix_states import WORTH_TOKENS, PrefixStates, constant_part, model_sign
from agent.llm.schema import SchemaUnusable, closed

_PIECE = 256
"""Tokens read between two looks at the halt."""
_NESTED = re.compile(r"\(char(?: \(char)*(?:\)\?)+")
"""How the library writes `up to so many signs`: brackets in brackets."""


class LlamaCppEngine:
    """One model file, loaded. Raises ModelFileUnusable when the library does not take it."""

    def __init__(self, path: Path, context: int, threads: int, states: Path | None = None) -> None:
        self.library = f"llama-cpp-python {llama_cpp.__version__}"
        self._context = context
        try:
            self._model = llama_cpp.Llama(
                str(path),
                n_ctx=context,
                n_batch=_PIECE,
                n_threads=threads,
                n_threads_batch=threads,
                seed=MODEL_SEED,
                verbose=False,
            )
        except (ValueError, RuntimeError):
            raise ModelFileUnusable(
                f"{path} cannot be loaded by {self.library}: no GGUF, or broken"
            ) from None
        self._template = self._chat_template(path)
        about = (model_sign(path), str(context), self.library)
        self._states = PrefixStates(states, *about) if states else None

    def complete(self, call: Call, halt: Halt, on_text: Callable[[str], object] | None = None) -> Completion:
        started = time.monotonic()
        tokens = self._tokens(call.messages)
        if len(tokens) + call.max_tokens > self._context:
            raise PromptTooLong(len(tokens), call.max_tokens, self._context)
        grammar = self._grammar(call)
        self._use_prefix(call.messages, tokens, halt)
        cached = min(self._common(tokens), len(tokens) - 1)
        writing = _Writing(self._model, call, on_text)
        try:
            finish = self._read(tokens, halt) or writing.run(self._write(tokens, grammar, call), halt)
        except RuntimeError as error:
            raise ModelUnavailable(f"the local model broke off: {error}") from None
        first = writing.first
        return Completion(
            text=writing.text,
            tokens_in=len(tokens),
            tokens_cached=cached,
            tokens_out=writing.count,
            first_token_ms=None if first is None else round((first - started) * 1000),
            milliseconds=round((time.monotonic() - started) * 1000),
            finish=finish,
        )

    def count_tokens(self, text: str) -> int:
        return len(self._model.tokenize(text.encode(), add_bos=False, special=False))

    def close(self) -> None:
        self._model.close()

    def _chat_template(self, path: Path) -> Jinja2ChatFormatter:
        template = self._model.metadata.get("tokenizer.chat_template")
        if not template:
            self._model.close()
            raise ModelFileUnusable(
                f"{path} holds no chat template: it is no model for questions and answers"
            )
        return Jinja2ChatFormatter(
            template,
            eos_token=self._word(self._model.token_eos()),
            bos_token=self._word(self._model.token_bos()),
        )

    def _word(self, token: int) -> str:
        """The text of a control token; models without that token have -1."""
        return "" if token < 0 else self._model.detokenize([token], special=True).decode(errors="ignore")

    def _tokens(self, messages: tuple[Message, ...]) -> list[int]:
        filled = self._template(
            messages=[{"role": one.role.value, "content": harmless(one.text)} for one in messages]
        ).prompt
        starts = bool(self._template.bos_token) and filled.startswith(self._template.bos_token)
        found: list[int] = self._model.tokenize(filled.encode(), add_bos=not starts, special=True)
        return found

    def _grammar(self, call: Call) -> Any:
        if call.json_schema is None:
            return None
        try:
            rules = json_schema_to_gbnf(json.dumps(closed(call.json_schema)))
        except (ValueError, KeyError, AssertionError) as error:
            raise SchemaUnusable(f"the schema cannot be made a grammar: {error}") from None
        rules = _strict(rules)
        self._require_usable(rules)
        return llama_cpp.LlamaGrammar.from_string(rules, verbose=False)

    def _require_usable(self, rules: str) -> None:
        """Rules that llama.cpp does not take would end the process at the first token."""
        vocabulary = llama_cpp.llama_model_get_vocab(self._model.model)
        sampler = llama_cpp.llama_sampler_init_grammar(vocabulary, rules.encode(), b"root")
        if not sampler:
            raise SchemaUnusable("llama.cpp does not take the grammar of the schema")
        llama_cpp.llama_sampler_free(sampler)

    def _common(self, tokens: list[int]) -> int:
        """How many tokens at the beginning are those that the model holds already."""
        held = self._model.input_ids[: self._model.n_tokens].tolist()
        pairs = zip(held, tokens, strict=False)
        return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(held), len(tokens)))

    def _read(self, tokens: list[int], halt: Halt) -> Finish | None:
        """Read the prompt piece by piece; the library itself could not be stopped in between."""
        for end in range(self._common(tokens) + _PIECE, len(tokens), _PIECE):
            if reason := halt.reason:
                return reason
            next(self._write(tokens[:end], None))
        return halt.reason

    def _write(self, tokens: list[int], grammar: Any, call: Call | None = None) -> Iterator[int]:
        """Without a call nothing is drawn: the tokens are only read."""
        if call is not None:
            self._model.set_seed(call.seed)
        temperature = 0.0 if call is None else call.temperature
        written: Iterator[int] = self._model.generate(tokens, temp=temperature, grammar=grammar)
        return written

    def _use_prefix(self, messages: tuple[Message, ...], tokens: list[int], halt: Halt) -> None:
        """Have the constant part's state at hand: in memory, from disk, or read once and written there."""
        prefix = constant_part(messages)
        if self._states is None or not prefix:
            return
        shared = self._shared(prefix, tokens)
        if len(shared) < WORTH_TOKENS or self._common(tokens) >= len(shared):
            return
        path = self._states.path(prefix)
        if path.exists() and self._load(path, shared):
            return
        if self._read([*shared, tokens[len(shared)]], halt) is None:
            next(self._write(shared, None))
            with suppress(OSError):
                self._save(path, shared)

    def _shared(self, prefix: tuple[Message, ...], tokens: list[int]) -> list[int]:
        """The tokens that any prompt with this prefix begins with."""
        other = self._tokens((*prefix, Message(role=Role.USER, text="\N{BLACK SQUARE}")))
        pairs = zip(other, tokens, strict=False)
        return tokens[: next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(other), len(tokens)))]

    def _save(self, path: Path, shared: list[int]) -> None:
        if self._states is None:
            return
        self._states.make_room()
        array = (llama_cpp.llama_token * len(shared))(*shared)
        part = path.with_suffix(".part")
        if llama_cpp.llama_state_seq_save_file(self._model.ctx, str(part).encode(), 0, array, len(shared)):
            part.replace(path)

    def _load(self, path: Path, shared: list[int]) -> bool:
        """False where the file is not what its name says; the prompt is then read as without it."""
        array = (llama_cpp.llama_token * self._context)()
        count = ctypes.c_size_t(0)
        self._model.reset()
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._model.ctx), True)
        done = llama_cpp.llama_state_seq_load_file(
            self._model.ctx, str(path).encode(), 0, array, self._context, ctypes.byref(count)
        )
        if not done or list(array[: count.value]) != shared:
            llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._model.ctx), True)
            path.unlink(missing_ok=True)
            return False
        self._model.input_ids[: len(shared)] = shared
        self._model.n_tokens = len(shared)
        return True


def _strict(rules: str) -> str:
    """The library's rules allow raw line ends in a JSON string, which no JSON has, and blanks at will. One
    way to place blanks costs fewer tokens and is the same for both engines. The length of a text is counted,
    not nested: llama.cpp takes some 500 brackets in one another, and no more."""
    rules = _NESTED.sub(lambda found: f"char{{0,{found[0].count('(char')}}}", rules)
    rules = rules.replace(r'[^"\\] |', r'[^"\\\x7F\x00-\x1F] |')
    rules = rules.replace('space ":" space', '": "').replace('"," space', '", "')
    return rules.replace('space ::= " "?', 'space ::= ""')


class _Writing:
    """Tokens made into text, until the model, a stop text, the limit or a halt ends it."""

    def __init__(self, model: Any, call: Call, on_text: Callable[[str], object] | None) -> None:
        self._model = model
        self._vocabulary = llama_cpp.llama_model_get_vocab(model.model)
        self._call = call
        self._on_text = on_text
        self._ahead = TextAhead(call.stop)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pieces: list[str] = []
        self.count = 0
        self.first: float | None = None

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def run(self, tokens: Iterator[int], halt: Halt) -> Finish:
        finish = self._take_all(tokens, halt)
        if not self._ahead.stopped:
            self._show(self._ahead.feed(self._decoder.decode(b"", True)) + self._ahead.rest())
        return finish

    def _take_all(self, tokens: Iterator[int], halt: Halt) -> Finish:
        for token in tokens:
            self.first = self.first or time.monotonic()
            if llama_cpp.llama_vocab_is_eog(self._vocabulary, token):
                return Finish.STOP
            self.count += 1
            piece = self._model.detokenize([token])
            self._show(self._ahead.feed(self._decoder.decode(piece)))
            if self._ahead.stopped:
                return Finish.STOP
            if self.count >= self._call.max_tokens:
                return Finish.LENGTH
            if reason := halt.reason:
                return reason
        return Finish.STOP

    def _show(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            if self._on_text:
                self._on_text(text)
