"""Tests of single parts; they pass with Qt uninstalled."""
