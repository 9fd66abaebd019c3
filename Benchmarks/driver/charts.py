"""The report's charts."""

import re

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

#: The same colour for the same contestant everywhere; ours stand out.
COLOURS = {
    "c": "#7f8c8d", "floor": "#bdc3c7", "swift-bytes": "#e8590c", "swift-string": "#fd7e14", "swift-data": "#ffa94d",
    "swift-with": "#ffc078", "swift-array": "#fd7e14", "pylibmc": "#1c7ed6", "pylibmc-wheel": "#74c0fc",
    "pymemcache": "#37b24d", "python-memcached": "#8ce99a", "bmemcached": "#c0eb75", "php": "#9775fa",
    "php-default": "#d0bfff", "pylibmc-default": "#4dabf7",
}


def _finish(figure, path):
    figure.tight_layout()
    # Without dates and random ids, so that the same results give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "swiftlibmc"
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    # Generated, and nothing to be read line by line.
    path.write_text(re.sub(r"\s*\n\s*", " ", path.read_text()) + "\n")


def ratios(entry, labels, title, path):
    """Bars with everybody's time for one piece of work, as a multiple of C's."""
    found = [(name, one) for name, one in entry["contestants"].items() if "ratio" in one][::-1]
    figure, axes = pyplot.subplots(figsize=(7.5, 0.32 * len(found) + 1.1))
    values = [one["ratio"] for _, one in found]
    bars = axes.barh([labels.get(name, name) for name, _ in found], values,
                     color=[COLOURS.get(name, "#adb5bd") for name, _ in found])
    axes.bar_label(bars, labels=[f"{value:.2f}x   {one['ns'] / 1000:.1f} µs" for value, (_, one) in zip(values, found)],
                   padding=3, fontsize=8)
    axes.axvline(1, color="#495057", linewidth=0.8)
    axes.set_xlim(0, max(values) * 1.3)
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    _finish(figure, path)


def growth(series, labels, title, path):
    """Lines: the time for each key as calls grow."""
    figure, axes = pyplot.subplots(figsize=(7.5, 3.6))
    for name, points in series.items():
        axes.plot([keys for keys, _ in points], [value for _, value in points], marker="o", markersize=4,
                  label=labels.get(name, name), color=COLOURS.get(name, "#adb5bd"))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("keys in one call", fontsize=9)
    axes.set_ylabel("µs for each key", fontsize=9)
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=7, ncols=2)
    axes.grid(alpha=0.3)
    axes.tick_params(labelsize=8)
    _finish(figure, path)
