// Reads objects of Kubernetes's extensions from standard input, as a list in JSON, and
// ends with an error for one that its custom resource's schema refuses.

import { readFileSync } from "node:fs";

import * as gateway from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import * as monitoring from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";

const MODELS = {
  "gateway.networking.k8s.io/v1": gateway,
  "monitoring.coreos.com/v1": monitoring,
};

for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  const Model = MODELS[object.apiVersion][object.kind];
  new Model(object).validate();
  console.log(object.kind);
}
