"""Writes a bill of materials as CycloneDX JSON and checks it against the standard's schema.

`python bill.py PARTS.json BILL.cdx.json`, by the Python of the environment to publish in: the library is there alone,
not where the rest of the project is checked, and so its modules are asked for by name.
"""

import json
import sys
import uuid
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any


def component(part: dict[str, Any]) -> Any:
    """One part as the library's `Component`."""
    model, made = import_module("cyclonedx.model"), import_module("cyclonedx.model.component")
    purl = import_module("packageurl").PackageURL(
        part["origin"], "debian" if part["origin"] == "deb" else None, part["name"], part["version"]
    )
    licence = import_module("cyclonedx.factory.license").LicenseFactory().make_from_string(part["licence"])
    admitted = [
        model.HashType(alg=model.HashAlgorithm.SHA_256, content=digest) for digest in sorted(set(part["hashes"]))
    ]
    files = model.ExternalReference(
        type=model.ExternalReferenceType.DISTRIBUTION,
        url=model.XsUri(purl.to_string()),
        comment="one of the files with these hashes",
        hashes=admitted,
    )
    return made.Component(
        name=part["name"],
        version=part["version"],
        type=made.ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        licenses=[licence],
        external_references=[files] if admitted else [],
    )


def bill(told: dict[str, Any]) -> str:
    """The whole as JSON. Equal parts give an equal text: its number and its day are derived from them."""
    boms, schema = import_module("cyclonedx.model.bom"), import_module("cyclonedx.schema")
    made, licences = import_module("cyclonedx.model.component"), import_module("cyclonedx.factory.license")
    own = made.Component(
        name=told["name"],
        version=told["version"],
        type=made.ComponentType.APPLICATION,
        bom_ref=told["name"],
        licenses=[licences.LicenseFactory().make_from_string("MIT")],
        description=f"{told['title']} for {told['for']}",
    )
    parts = [component(part) for part in told["parts"]]
    whole = boms.Bom(
        components=parts,
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(told, sort_keys=True)),
        metadata=boms.BomMetaData(component=own, timestamp=datetime.fromisoformat(told["day"]).replace(tzinfo=UTC)),
    )
    whole.register_dependency(own, parts)
    chosen = schema.SchemaVersion.V1_6
    output = import_module("cyclonedx.output").make_outputter(whole, schema.OutputFormat.JSON, chosen)
    text = str(output.output_as_string(indent=1))
    wrong = import_module("cyclonedx.validation.json").JsonStrictValidator(chosen).validate_str(text)
    if wrong is not None:
        raise SystemExit(f"the bill does not fit the standard: {wrong}")
    return text


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(bill(json.loads(Path(sys.argv[1]).read_text("utf-8"))) + "\n", "utf-8")
