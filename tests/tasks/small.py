"""Real tokenizers of a few hundred tokens, and chat templates as published models have them."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

TEXTS = [
    "Where is my parcel? It is on its way.",
    "我的包裹在哪里？在路上。",
    "A fox lived by the river.",
    "谢谢你的帮助",
] * 3

# Qwen2.5-Instruct, without its tools: ChatML with a system prompt of its own.
# Source: https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct (Apache-2.0)
QWEN = (
    "{%- if messages[0]['role'] == 'system' %}{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}"
    "{%- else %}{{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant."
    "<|im_end|>\\n' }}{%- endif %}"
    "{%- for message in messages %}"
    "{%- if (message.role == 'user') or (message.role == 'system' and not loop.first) or "
    "(message.role == 'assistant') %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}"
    "{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
# Qwen3: thoughts are kept in the last turn alone, and an answer without any gets an empty block
QWEN3 = (
    "{%- for message in messages %}{%- if message.role == 'assistant' %}{{- '<|im_start|>assistant\\n' }}"
    "{%- if loop.last %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{{- message.content + '<|im_end|>\\n' }}"
    "{%- else %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endif %}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
# Mistral-Instruct: the answer stands on the line of the question, and there is no generation prompt
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' ' + message['content'] + eos_token }}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
)
# a template that has no word for what an assistant says
SILENT = (
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ message['content'] }}\n{% endif %}{% endfor %}"
)


def byte_level(special: Sequence[str], template: str | None = None, **named: str) -> PreTrainedTokenizerFast:
    """A byte-level BPE with these special tokens, as Qwen and GPT-2 have it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=400, special_tokens=list(special), initial_alphabet=alphabet)
    )
    found = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named)
    found.chat_template = template
    return found


def qwen(template: str | None = QWEN) -> PreTrainedTokenizerFast:
    """A tokenizer like Qwen's: a padding token that also ends texts, and no beginning token."""
    special = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
    found = byte_level(special, template, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    found.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    return found


def mistral() -> PreTrainedTokenizerFast:
    """A tokenizer like Mistral's, which begins every text with a token."""
    found = byte_level(("<unk>", "<s>", "</s>"), MISTRAL, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    found.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", found.bos_token_id)]
    )
    return found


def plain() -> PreTrainedTokenizerFast:
    """A tokenizer like GPT-2's: one special token, no template."""
    return byte_level(("<|endoftext|>",), eos_token="<|endoftext|>", pad_token="<|endoftext|>")
