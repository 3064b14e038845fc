"""Fine-tuned domain-adapted infant pose: a pose network whose features tell two domains alike."""
