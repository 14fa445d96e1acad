{{- /* MLflow in the gateway's pod. It starts before the gateway and ends after it, because
       it is an init container that Kubernetes restarts. Only the pod reaches it: it
       listens on loopback, so its probes are programs in its container. */ -}}
{{- define "shell.sidecar" -}}
{{- $sidecar := .Values.mlflow.sidecar -}}
- name: mlflow
  restartPolicy: Always
  image: {{ include "shell.image" (dict "image" $sidecar.image "default" "") }}
  imagePullPolicy: {{ $sidecar.image.pullPolicy }}
  args: [mlflow, server]
  env:
    - { name: MLFLOW_HOST, value: "127.0.0.1" }
    - { name: MLFLOW_PORT, value: "5000" }
    - { name: MLFLOW_WORKERS, value: {{ $sidecar.workers | quote }} }
    {{- with $sidecar.database }}
    # Without the password: PostgreSQL's client reads PGPASSWORD.
    - name: MLFLOW_BACKEND_STORE_URI
      value: {{ printf "postgresql+psycopg2://%s@%s:%d/%s" .user .host (int .port) .name | quote }}
    - name: PGPASSWORD
      valueFrom: { secretKeyRef: { name: {{ .passwordSecret.name }}, key: {{ .passwordSecret.key }} } }
    - { name: PGSSLMODE, value: {{ .sslMode | quote }} }
    {{- if hasPrefix "verify-" .sslMode }}
    - { name: PGSSLROOTCERT, value: {{ .sslRootCert | quote }} }
    {{- end }}
    {{- end }}
    {{- with $sidecar.artifacts }}
    - { name: MLFLOW_SERVE_ARTIFACTS, value: "true" }
    - name: MLFLOW_ARTIFACTS_DESTINATION
      value: {{ printf "s3://%s/%s" .bucket .prefix | quote }}
    {{- with .region }}
    - { name: AWS_DEFAULT_REGION, value: {{ . | quote }} }
    {{- end }}
    {{- if .presigned }}
    - { name: MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD, value: "true" }
    # Presigned URLs then use the bucket's regional name.
    - { name: MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE, value: virtual }
    {{- end }}
    {{- end }}
    - { name: MLFLOW_SERVER_ALLOWED_HOSTS, value: "127.0.0.1:5000" }
    - { name: HOME, value: /tmp }
    {{- with $sidecar.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  # The first start makes the tables of the database.
  startupProbe:
    exec: &health
      command: [python, -c, "import urllib.request as r; r.urlopen('http://127.0.0.1:5000/health', timeout=8)"]
    periodSeconds: 5
    timeoutSeconds: 10
    failureThreshold: 60
  livenessProbe:
    exec: *health
    periodSeconds: 30
    timeoutSeconds: 10
    failureThreshold: 4
  readinessProbe:
    exec: *health
    periodSeconds: 15
    timeoutSeconds: 10
    failureThreshold: 2
  securityContext:
    {{- include "shell.securityContext" . | nindent 4 }}
    {{- toYaml $sidecar.securityContext | nindent 4 }}
  resources: {{- toYaml $sidecar.resources | nindent 4 }}
  volumeMounts:
    - { name: mlflow-tmp, mountPath: /tmp }
{{- end -}}
