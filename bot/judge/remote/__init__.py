"""Remote judges: a model behind any server that speaks OpenAI's protocol (vLLM, llama-server, Ollama and others)."""
