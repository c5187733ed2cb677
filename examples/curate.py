"""The public Python client, unmodified, against Winnow: upload a folder, select the tenth most worth labelling.

    pip install "lightly<1.3"
    export LIGHTLY_SERVER_LOCATION=http://localhost:8080 LIGHTLY_TOKEN=...   # both are printed by `npm start`
    python examples/curate.py FOLDER EMBEDDINGS.csv
"""
import sys

from lightly.active_learning.config.selection_config import SelectionConfig
from lightly.api import ApiWorkflowClient

folder, embeddings = sys.argv[1:3]
client = ApiWorkflowClient()
client.create_new_dataset_with_unique_name("from python", "Images")
client.upload_dataset(folder, mode="thumbnails")
client.upload_embeddings(embeddings, name="default")
tag = client.selection(SelectionConfig(method="CORESET", n_samples=0.1, name="to label"))
for name in client.get_filenames_in_tag(tag):
    print(name)
