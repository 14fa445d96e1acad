{{- define "shell.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "shell.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gateway
{{- end -}}

{{- define "shell.labels" -}}
{{ include "shell.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "shell.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "shell.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- /* An image by tag or digest; `default` is the tag if neither is given. */ -}}
{{- define "shell.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (default .default .image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "shell.host" -}}
{{- (splitList ":" (get (urlParse .Values.config.origin) "host")) | first -}}
{{- end -}}

{{- /* Whether several servers are told apart by name. */ -}}
{{- define "shell.isNamed" -}}
{{- with .Values.mlflow.servers -}}{{- if (first .).name -}}yes{{- end -}}{{- end -}}
{{- end -}}

{{- /* config.json: the values, and the servers' names and groups. */ -}}
{{- define "shell.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if include "shell.isNamed" . -}}
{{- $listed := list -}}
{{- range .Values.mlflow.servers -}}
{{- $server := dict "name" .name -}}
{{- with .groups }}{{- $_ := set $server "groups" . -}}{{- end -}}
{{- $listed = append $listed $server -}}
{{- end -}}
{{- $_ := set $config "upstreams" $listed -}}
{{- end -}}
{{- toPrettyJson $config -}}
{{- end -}}

{{- define "shell.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
# Or the list of tokens would become writable for its group each time it is mounted,
# and the gateway would refuse it.
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "shell.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
{{- end -}}
