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
# Qwen3 as it is: who asks says whether thoughts are wanted, and those of earlier turns are dropped
# Source: https://huggingface.co/Qwen/Qwen3-0.6B (Apache-2.0), without tools
QWEN3_ASKED = (
    "{%- for message in messages %}{%- set content = message.content %}{%- set thoughts = '' %}"
    "{%- if message.role == 'assistant' %}{%- if '</think>' in content %}"
    "{%- set thoughts = content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') %}"
    "{%- set content = content.split('</think>')[-1].lstrip('\n') %}{%- endif %}"
    "{{- '<|im_start|>assistant\n' }}"
    "{%- if loop.last %}{{- '<think>\n' + thoughts.strip('\n') + '\n</think>\n\n' }}{%- endif %}"
    "{{- content + '<|im_end|>\n' }}"
    "{%- else %}{{- '<|im_start|>' + message.role + '\n' + content + '<|im_end|>\n' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}"
    "{%- endif %}"
)
# Llama 3: a beginning token, headers, and a blank line before each text
LLAMA3 = (
    "{% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + "
    "message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}"
    "{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
# DeepSeek-R1's distilled models: the prompt begins a thought, but earlier answers are shown without
DEEPSEEK = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'user' %}{{ '<|User|>' + message['content'] }}"
    "{% else %}{{ '<|Assistant|>' + message['content'].split('</think>')[-1] + eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|Assistant|><think>\n' }}{% endif %}"
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


def llama3() -> PreTrainedTokenizerFast:
    """A tokenizer like Llama 3's: what ends an answer is not what ends a text."""
    special = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
    found = byte_level(special, LLAMA3, bos_token=special[0], eos_token=special[1], pad_token=special[1])
    found.add_special_tokens({"additional_special_tokens": list(special[2:])})
    return found


def deepseek() -> PreTrainedTokenizerFast:
    """A tokenizer like the ones of DeepSeek-R1's distilled models."""
    special = ("<|begin|>", "<|end|>", "<|User|>", "<|Assistant|>")
    return byte_level(special, DEEPSEEK, bos_token="<|begin|>", eos_token="<|end|>", pad_token="<|end|>")


def plain() -> PreTrainedTokenizerFast:
    """A tokenizer like GPT-2's: one special token, no template."""
    return byte_level(("<|endoftext|>",), eos_token="<|endoftext|>", pad_token="<|endoftext|>")
