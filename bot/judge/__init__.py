"""The judge: prompts, the llama.cpp engine, its worker process and supervisor."""
