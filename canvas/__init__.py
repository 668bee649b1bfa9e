"""The Django project: who may see which canvas, what they wrote, what ran."""
