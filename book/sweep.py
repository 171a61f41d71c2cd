"""How fast must a store be for a job to spend 90 % of its time on progress?"""

import dask
import dask.array as da
import numpy as np
from dask.distributed import Client

from iowall.models import checkpoint as model
from iowall.units import DAY, GB, HOUR, MINUTE, S


def designs(bandwidths=300, intervals=400):
    """Fleets, models, stores, intervals: axes that broadcast to every design."""
    nodes = np.geomspace(64, 8192, 29)
    parameters = np.geomspace(1e9, 1e12, 31)
    bandwidth = np.geomspace(0.1 * GB / S, 1000 * GB / S, bandwidths)
    interval = np.geomspace(1 * MINUTE, 6 * HOUR, intervals)
    return np.ix_(nodes, parameters, bandwidth, interval)


def sweep(nodes, parameters, bandwidth, interval):
    """Share of designs that reach 90 %, and each job's slowest store that does."""
    size = model.checkpoint_size(parameters=parameters, bytes_per_parameter=14)
    node = dict(writers=nodes, writer_bandwidth=50 * GB / S, strategy="sharded")
    save = model.write_time(checkpoint_size=size, storage_bandwidth=bandwidth, **node)
    mtbf = model.cluster_mtbf(node_mtbf=1000 * DAY / 6.50, nodes=nodes)
    job = dict(write_time=save, mtbf=mtbf, restart_time=5 * MINUTE)
    good = model.goodput(interval=interval, **job) >= 0.9
    enough = np.where(good.any(axis=3), bandwidth[..., 0], np.inf)
    return good.mean(), enough.min(axis=2)


if __name__ == "__main__":
    axes = designs()
    with Client() as client:  # on a cluster: Client("tcp://<its scheduler>:8786")
        chunked = [da.from_array(axis, chunks=50) for axis in axes]
        share, least = dask.compute(*sweep(*chunked))
    print(f"{share:.1%} of the designs reach 90 %")
    print("GB/s for 1, 10, 100, 1,000 billion parameters")
    for nodes, row in zip(axes[0].ravel()[::4], least[::4, ::10], strict=True):
        print(f"{nodes:4.0f} nodes", *(f"{bandwidth / GB:6.1f}" for bandwidth in row))
