{{- define "shell.volumeMounts" -}}
- { name: config, mountPath: /etc/mlflow-shell, readOnly: true }
{{- if or .Values.secrets.client.name .Values.secrets.tokenKeys.name }}
- { name: secrets, mountPath: /run/secrets/mlflow-shell, readOnly: true }
{{- end }}
{{- if .Values.tokenRegistry.enabled }}
- { name: tokens, mountPath: /var/lib/mlflow-shell }
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "shell.volumes" -}}
- name: config
  configMap: { name: {{ include "shell.fullname" . }} }
{{- if or .Values.secrets.client.name .Values.secrets.tokenKeys.name }}
- name: secrets
  projected:
    # The gateway refuses keys that others than its group may read.
    defaultMode: 0440
    sources:
      {{- with .Values.secrets.client }}
      {{- if .name }}
      - secret: { name: {{ .name }}, items: [{ key: {{ .key }}, path: client-secret }] }
      {{- end }}
      {{- end }}
      {{- with .Values.secrets.tokenKeys }}
      {{- if .name }}
      - secret: { name: {{ .name }}, items: [{ key: {{ .key }}, path: token-keys }] }
      {{- end }}
      {{- end }}
{{- end }}
{{- if .Values.tokenRegistry.enabled }}
- name: tokens
  persistentVolumeClaim: { claimName: {{ default (printf "%s-tokens" (include "shell.fullname" .)) .Values.tokenRegistry.existingClaim }} }
{{- end }}
{{- if eq .Values.mlflow.mode "sidecar" }}
- name: mlflow-tmp
  emptyDir: { sizeLimit: {{ .Values.mlflow.sidecar.tmpSize }} }
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
