{{- /* What values may not say together. Each sentence names the cure. */ -}}
{{- define "shell.contradictions" -}}
{{- $values := .Values -}}
{{- include "shell.contradictionsOfServers" . -}}
{{- include "shell.contradictionsOfSecrets" . -}}
{{- if not .Values.image.repository -}}
{{- fail "image.repository is empty: build the gateway's image (docs/RUNNING.md, In a container), push it to a registry of yours, and name it" -}}
{{- end -}}
{{- if not .Values.config.origin -}}
{{- fail "config.origin is missing: give the site's address, such as https://mlflow.example.com" -}}
{{- end -}}
{{- if hasKey .Values.config "upstreams" -}}
{{- fail "config.upstreams is made from mlflow.servers: give each server there its name and groups, and remove it here" -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled -}}
{{- fail "ingress.enabled and httpRoute.enabled are both true: the site has one way in; set one of them to false" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs is empty: name the Gateway that the route belongs to, such as [{name: public, namespace: gateways}]" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is larger than autoscaling.maxReplicas: raise the one or lower the other" -}}
{{- end -}}
{{- range $name := list "serviceMonitor" "prometheusRule" "dashboard" -}}
{{- if and (get (get $values.metrics $name) "enabled") (not $values.metrics.enabled) -}}
{{- fail (printf "metrics.%s.enabled needs metrics: set metrics.enabled to true, or it to false" $name) -}}
{{- end -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- if hasPrefix "MLFLOW_SHELL_" .name -}}
{{- fail (printf "extraEnv has %s: give settings of the gateway as `settings`, its secrets as `secrets`, and all else by the chart's own values" .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "shell.contradictionsOfServers" -}}
{{- $values := .Values -}}
{{- $mode := .Values.mlflow.mode -}}
{{- $servers := .Values.mlflow.servers -}}
{{- if eq $mode "sidecar" -}}
{{- include "shell.contradictionsOfSidecar" . -}}
{{- else if not $servers -}}
{{- fail (printf "mlflow.servers is empty, and mlflow.mode is %s: list at least one server, with its %s" $mode (ternary "arn" "url" (eq $mode "sagemaker"))) -}}
{{- end -}}
{{- $names := list -}}
{{- range $server := $servers -}}
{{- $what := default "without a name" $server.name -}}
{{- if and $server.url (eq $mode "sagemaker") -}}
{{- fail (printf "the server %s has a url, and mlflow.mode is sagemaker: give its arn, or set mlflow.mode to service" $what) -}}
{{- end -}}
{{- if and $server.arn (eq $mode "service") -}}
{{- fail (printf "the server %s has an arn, and mlflow.mode is service: give its url, or set mlflow.mode to sagemaker" $what) -}}
{{- end -}}
{{- if not (or $server.url $server.arn) -}}
{{- fail (printf "the server %s has neither url nor arn: give it a url (mlflow.mode service) or an arn (sagemaker)" $what) -}}
{{- end -}}
{{- if and (gt (len $servers) 1) (not $server.name) -}}
{{- fail "one of several mlflow.servers has no name: name each, because its address on the site is /mlflow/@NAME/" -}}
{{- end -}}
{{- if and $server.groups (not $server.name) -}}
{{- fail "a server of mlflow.servers has groups and no name: give it a name, or leave the groups to the policy" -}}
{{- end -}}
{{- if and $server.name (has $server.name $names) -}}
{{- fail (printf "two of mlflow.servers are called %s: give each a name of its own" $server.name) -}}
{{- end -}}
{{- $names = append $names $server.name -}}
{{- if and (eq $mode "service") $values.networkPolicy.enabled -}}
{{- if and (not $server.podLabels) (not $server.external) -}}
{{- fail (printf "the server %s has no podLabels: give the labels of MLflow's pods, so that a NetworkPolicy closes them to all but the gateway; or set its `external` to true if it runs outside this cluster or is closed otherwise" $what) -}}
{{- end -}}
{{- if and $server.podLabels $server.external -}}
{{- fail (printf "the server %s is external and has podLabels: keep the one that is right" $what) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "shell.contradictionsOfSidecar" -}}
{{- if .Values.mlflow.servers -}}
{{- fail "mlflow.mode is sidecar, and mlflow.servers lists servers: empty the list, or set mlflow.mode to service or sagemaker" -}}
{{- end -}}
{{- $sidecar := .Values.mlflow.sidecar -}}
{{- if not $sidecar.image.repository -}}
{{- fail "mlflow.sidecar.image.repository is empty: build MLflow's image (deploy/mlflow/Containerfile), push it, and name it" -}}
{{- end -}}
{{- if not (or $sidecar.image.tag $sidecar.image.digest) -}}
{{- fail "mlflow.sidecar.image has neither tag nor digest: say which version of MLflow runs, so that no restart changes it" -}}
{{- end -}}
{{- if not $sidecar.database.host -}}
{{- fail "mlflow.sidecar.database.host is empty: name a PostgreSQL server, because each pod has an MLflow of its own and all need the same database" -}}
{{- end -}}
{{- if not $sidecar.database.passwordSecret.name -}}
{{- fail "mlflow.sidecar.database.passwordSecret.name is empty: name the Secret that has the password of the database" -}}
{{- end -}}
{{- if not $sidecar.artifacts.bucket -}}
{{- fail "mlflow.sidecar.artifacts.bucket is empty: name the S3 bucket for artifacts, because a pod keeps no files" -}}
{{- end -}}
{{- $origins := dig "artifacts" "store_origins" list .Values.config -}}
{{- if and $sidecar.artifacts.presigned (not $origins) -}}
{{- fail "mlflow.sidecar.artifacts.presigned needs config.artifacts.store_origins: list the bucket's origin, such as https://BUCKET.s3.eu-central-1.amazonaws.com" -}}
{{- end -}}
{{- if and $origins (not $sidecar.artifacts.presigned) -}}
{{- fail "config.artifacts.store_origins is set, and mlflow.sidecar.artifacts.presigned is false: MLflow would presign nothing; set it to true, or remove the origins" -}}
{{- end -}}
{{- end -}}

{{- define "shell.contradictionsOfSecrets" -}}
{{- $make := "make it by `kubectl create secret generic NAME --from-literal=token-keys=\"$(openssl rand -base64 32)\"`" -}}
{{- if not .Values.secrets.tokenKeys.name -}}
{{- if dig "provider" "via_gateway" false .Values.config -}}
{{- fail (printf "config.provider.via_gateway needs secrets.tokenKeys.name: sessions are sealed with keys that all instances share; %s" $make) -}}
{{- end -}}
{{- if eq "token" (dig "python" "access" "" .Values.config) -}}
{{- fail (printf "config.python.access is \"token\" and needs secrets.tokenKeys.name: tokens are sealed with keys that all instances share; %s" $make) -}}
{{- end -}}
{{- if .Values.tokenRegistry.enabled -}}
{{- fail (printf "tokenRegistry.enabled needs secrets.tokenKeys.name: the list is of tokens that these keys seal; %s" $make) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.tokenRegistry.existingClaim (not .Values.tokenRegistry.enabled) -}}
{{- fail "tokenRegistry.existingClaim is set, and tokenRegistry.enabled is false: set it to true, or remove the claim" -}}
{{- end -}}
{{- end -}}
