{{- /* A value in TOML, on one line. */ -}}
{{- define "shell.toml" -}}
{{- if kindIs "map" . -}}
{{- $pairs := list -}}
{{- range $key, $value := . -}}
{{- $pairs = append $pairs (printf "%s=%s" $key (include "shell.toml" $value)) -}}
{{- end -}}
{{- printf "{%s}" (join "," $pairs) -}}
{{- else if kindIs "slice" . -}}
{{- $items := list -}}
{{- range . }}{{- $items = append $items (include "shell.toml" .) -}}{{- end -}}
{{- printf "[%s]" (join "," $items) -}}
{{- else if kindIs "string" . -}}
{{- toJson . -}}
{{- else -}}
{{- include "shell.scalar" . -}}
{{- end -}}
{{- end -}}

{{- /* A text as it is, and a number without an exponent, which Helm gives large ones. */ -}}
{{- define "shell.scalar" -}}
{{- if kindIs "float64" . -}}{{- int64 . -}}{{- else -}}{{- . -}}{{- end -}}
{{- end -}}

{{- define "shell.variable" -}}
- name: {{ .name }}
  value: {{ .value | quote }}
{{- end -}}

{{- /* Settings as variables: `timeouts: {head: 5s}` is MLFLOW_SHELL_TIMEOUTS__HEAD. */ -}}
{{- define "shell.settings" -}}
{{- $prefix := .prefix -}}
{{- range $key, $value := .settings -}}
{{- $name := printf "%s%s" $prefix (upper $key) -}}
{{- if kindIs "map" $value -}}
{{- include "shell.settings" (dict "prefix" (printf "%s__" $name) "settings" $value) -}}
{{- else if kindIs "slice" $value }}
{{ include "shell.variable" (dict "name" $name "value" (include "shell.toml" $value)) }}
{{- else if not (kindIs "invalid" $value) }}
{{ include "shell.variable" (dict "name" $name "value" (include "shell.scalar" $value)) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Where the gateway finds a server, as a value of the setting `upstream`. */ -}}
{{- define "shell.upstream" -}}
{{- if .arn -}}
{{- $server := dict "arn" .arn -}}
{{- with .role }}{{- $_ := set $server "role" . -}}{{- end -}}
{{- with .externalId }}{{- $_ := set $server "external_id" . -}}{{- end -}}
{{- with .endpoint }}{{- $_ := set $server "endpoint" . -}}{{- end -}}
{{- include "shell.toml" (dict "sagemaker" $server) -}}
{{- else if .identityHeaders -}}
{{- include "shell.toml" (dict "url" .url "identity_headers" true) -}}
{{- else -}}
{{- include "shell.toml" (dict "url" .url) -}}
{{- end -}}
{{- end -}}

{{- define "shell.upstreams" -}}
{{- if eq .Values.mlflow.mode "sidecar" }}
{{ include "shell.variable" (dict "name" "MLFLOW_SHELL_UPSTREAM" "value" "http://127.0.0.1:5000") }}
{{- else if include "shell.isNamed" . }}
{{- $pairs := list -}}
{{- range .Values.mlflow.servers -}}
{{- $pairs = append $pairs (printf "%s=%s" .name (include "shell.upstream" .)) -}}
{{- end }}
{{ include "shell.variable" (dict "name" "MLFLOW_SHELL_UPSTREAMS" "value" (printf "{%s}" (join "," $pairs))) }}
{{- else }}
{{ include "shell.variable" (dict "name" "MLFLOW_SHELL_UPSTREAM" "value" (include "shell.upstream" (first .Values.mlflow.servers))) }}
{{- end -}}
{{- end -}}

{{- /* The gateway's environment: what the chart decides, then `settings`. */ -}}
{{- define "shell.environment" -}}
- name: MLFLOW_SHELL_LISTEN
  value: "0.0.0.0:8080"
- name: MLFLOW_SHELL_CONFIG
  value: /etc/mlflow-shell/config.json
{{- if .Values.policy }}
- name: MLFLOW_SHELL_POLICY
  value: /etc/mlflow-shell/policy.json
{{- end }}
{{- include "shell.upstreams" . }}
- name: MLFLOW_SHELL_TIMEOUTS__SHUTDOWN_DELAY
  value: {{ printf "%ds" (int .Values.shutdown.delaySeconds) | quote }}
- name: MLFLOW_SHELL_TIMEOUTS__DRAIN
  value: {{ printf "%ds" (int .Values.shutdown.drainSeconds) | quote }}
{{- if .Values.metrics.enabled }}
- name: MLFLOW_SHELL_METRICS__LISTEN
  value: {{ printf "0.0.0.0:%d" (int .Values.metrics.port) | quote }}
{{- end }}
{{- if .Values.secrets.client.name }}
- name: MLFLOW_SHELL_CLIENT__SECRET_FILE
  value: /run/secrets/mlflow-shell/client-secret
{{- end }}
{{- if .Values.secrets.tokenKeys.name }}
- name: MLFLOW_SHELL_TOKENS__KEY_FILE
  value: /run/secrets/mlflow-shell/token-keys
{{- end }}
{{- if .Values.tokenRegistry.enabled }}
- name: MLFLOW_SHELL_TOKENS__REGISTRY
  value: /var/lib/mlflow-shell/tokens.jsonl
{{- end }}
{{- include "shell.settings" (dict "prefix" "MLFLOW_SHELL_" "settings" .Values.settings) }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
