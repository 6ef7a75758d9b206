//! A configured server, from bound sockets to the last call.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use sealift::sigv4::Credentials;
use sealift_dev_s3::DevS3;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::{App, Parts};
use crate::clock::Clock;
use crate::config::{Config, CredentialSource, ServerConfig, Storage};
use crate::credentials::{self, CredentialProvider};
use crate::hosts::ByHost;
use crate::metrics::Metrics;
use crate::origin::{Origins, own_origin};
use crate::readiness::Readiness;
use crate::routes::health;
use crate::secret::{Secret, random_hex};
use crate::serve::Bounds;
use crate::{embedded, router, serve, statics};

/// Most connections at a time of those who watch it.
const WATCHERS: usize = 64;

/// Listens already, but answers only once [`run`](Self::run) is polled.
pub struct Server {
    apps: Vec<App>,
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    metrics: Option<(TcpListener, SocketAddr, Router)>,
    readiness: Readiness,
    refreshes: Vec<Refresh>,
    drain_delay: Duration,
    bounds: Bounds,
    dev_s3: Option<(DevS3, TcpListener, String)>,
}

/// Credentials of one environment that have to be replaced in time.
struct Refresh {
    app: usize,
    environment: String,
    provider: CredentialProvider,
    expires: Option<u64>,
}

impl Server {
    /// Binds the sockets and makes the keys that are missing, for one environment.
    ///
    /// # Errors
    /// One sentence for whoever starts the server.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, String> {
        Self::start_all(vec![config], clock).await
    }

    /// The same for several environments, each under its own hosts.
    ///
    /// # Errors
    /// One sentence for whoever starts the server.
    pub async fn start_all(configs: Vec<Config>, clock: Clock) -> Result<Self, String> {
        let process = configs.first().map(|config| &config.server);
        let process = process.ok_or_else(|| "there is no environment to serve".to_owned())?;
        let (listener, address) = bind("server.listen", process.listen).await?;
        let watching = match process.metrics_listen {
            Some(listen) => Some(bind("server.metrics_listen", listen).await?),
            None => None,
        };
        let drain_delay = process.drain_delay;
        let bounds = Bounds { connections: process.max_connections, drain: process.drain };
        let (metrics, readiness) = (Metrics::default(), Readiness::default());
        let mut all = Self {
            apps: Vec::new(),
            listener,
            address,
            router: Router::new(),
            metrics: None,
            readiness: readiness.clone(),
            refreshes: Vec::new(),
            drain_delay,
            bounds,
            dev_s3: None,
        };
        let mut environments = Vec::new();
        for config in configs {
            let hosts = config.server.hosts.clone();
            environments.push((hosts, all.environment(config, clock.clone(), &metrics).await?));
        }
        all.router = router::all(ByHost::new(environments), readiness.clone());
        all.metrics = watching.map(|(listener, at)| (listener, at, health::watching(readiness, metrics)));
        Ok(all)
    }

    async fn environment(
        &mut self,
        config: Config,
        clock: Clock,
        metrics: &Metrics,
    ) -> Result<Router, String> {
        let Config { server, storage, auth, hooks, rules, limits, compat } = config;
        let s3 = match storage {
            Storage::S3(s3) => s3,
            Storage::DevS3(settings) => {
                make_folder(&server.data_dir)?;
                let embedded = embedded::start(&settings, &server.data_dir).await?;
                self.dev_s3 = Some((embedded.service, embedded.listener, embedded.url));
                embedded.s3
            }
        };
        let credentials = self.credentials(&server.environment, &s3.credentials).await?;
        let public_url =
            server.public_url.as_ref().map_or_else(|| own_origin(self.address), ToString::to_string);
        if self.dev_s3.is_none() && server.token_secret.is_none() {
            let folder = server.data_dir.display();
            tracing::info!(
                "grants and receipts are signed with a key in {folder}; several replicas need the same one \
                 (`server.secret_file`)"
            );
        }
        let token_secret = kept(&server, server.token_secret.as_ref(), "token-secret")?;
        // Only the demo gets an app's key of its own: elsewhere an app without one makes no such calls.
        let app_key = match (&self.dev_s3, &server.app_key) {
            (None, None) => None,
            (_, given) => Some(kept(&server, given.as_ref(), "app-key")?),
        };
        let origins = Origins::new(server.public_url.as_ref(), self.address, &server.origins);
        let app = App::new(Parts {
            environment: server.environment.clone(),
            public_url,
            rules,
            s3,
            credentials,
            token_secret,
            old_token_secrets: server.old_token_secrets.clone(),
            app_keys: app_key.into_iter().chain(server.old_app_keys.iter().cloned()).collect(),
            auth,
            hooks,
            www: server.www.clone(),
            clock,
            limits,
            metrics: metrics.clone(),
            sts: compat.sts().cloned(),
        })?;
        if compat.is_on() {
            app.rules().check_compat().map_err(|error| format!("`compat`: {error}"))?;
        }
        if compat.sts().is_some() {
            app.rules().check_companion_session().map_err(|error| format!("`compat.uppy.sts`: {error}"))?;
        }
        self.apps.push(app.clone());
        Ok(router::environment(app, &origins, &compat, server.max_body_bytes, server.timeout, metrics)
            .merge(statics::router(&server)))
    }

    /// The credentials to begin with; where they are temporary they are noted
    /// down to be replaced.
    async fn credentials(
        &mut self,
        environment: &str,
        source: &CredentialSource,
    ) -> Result<Credentials, String> {
        let (provider, variables, region) = match source {
            CredentialSource::Static(credentials) => return Ok(credentials.clone()),
            CredentialSource::Provider { provider, variables, region } => (provider, variables, region),
        };
        let provider = CredentialProvider::new(provider, variables, region).map_err(credentials::none)?;
        let loaded = provider.load().await.map_err(credentials::none)?;
        self.refreshes.push(Refresh {
            app: self.apps.len(),
            environment: environment.to_owned(),
            provider,
            expires: loaded.expires,
        });
        Ok(loaded.credentials)
    }

    /// `http://address:port`
    #[must_use]
    pub fn url(&self) -> String {
        own_origin(self.address)
    }

    /// `http://address:port` of the metrics, if they have one.
    #[must_use]
    pub fn metrics_url(&self) -> Option<String> {
        self.metrics.as_ref().map(|(_, address, _)| own_origin(*address))
    }

    /// `http://address:port` of the embedded dev-s3, if there is one.
    #[must_use]
    pub fn dev_s3_url(&self) -> Option<&str> {
        self.dev_s3.as_ref().map(|(_, _, url)| url.as_str())
    }

    /// Asks S3 for the time, then answers until `shutdown` resolves and the calls in flight are done.
    /// dev-s3 stops last: those calls may need it.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (stop, stopped) = watch::channel(());
        let until = |mut stopped: watch::Receiver<()>| async move {
            let _ = stopped.changed().await;
        };
        let (dev_s3_stopped, metrics_stopped) = (until(stopped.clone()), until(stopped));
        let dev_s3 = self.dev_s3.map(|(service, listener, _)| {
            tokio::spawn(async move { service.serve(listener, dev_s3_stopped).await })
        });
        let metrics = self.metrics.map(|(listener, _, router)| {
            tokio::spawn(async move {
                let bounds = Bounds { connections: WATCHERS, drain: Duration::ZERO };
                serve::serve(listener, router, metrics_stopped, bounds).await
            })
        });
        // Ends with this function.
        let mut refreshing = JoinSet::new();
        for refresh in self.refreshes {
            let Some(app) = self.apps.get(refresh.app) else { continue };
            let (current, metrics) =
                (app.rules().credentials().clone(), app.service().ports().metrics.clone());
            let (expiry, environment) = (self.readiness.expiry(), refresh.environment);
            let note = move |expires: Option<u64>| {
                expiry.store(expires.unwrap_or(0), Ordering::Relaxed);
                if let Some(at) = expires {
                    metrics.credentials_expire(&environment, at);
                }
            };
            note(refresh.expires);
            refreshing.spawn(refresh.provider.keep_fresh(current, refresh.expires, note));
        }
        let mut asking: JoinSet<()> =
            self.apps.iter().cloned().map(|app| async move { app.learn_clock().await }).collect();
        while asking.join_next().await.is_some() {}
        self.readiness.started();
        let (readiness, delay) = (self.readiness, self.drain_delay);
        let shutdown = async move {
            shutdown.await;
            // Balancers ask, and look elsewhere, before connections are refused.
            readiness.stopping();
            tokio::time::sleep(delay).await;
        };
        serve::serve(self.listener, self.router, shutdown, self.bounds).await;
        drop(stop);
        if let Some(metrics) = metrics {
            let _ = metrics.await;
        }
        if let Some(dev_s3) = dev_s3 {
            let _ = tokio::time::timeout(self.bounds.drain, dev_s3).await;
        }
    }
}

async fn bind(key: &str, listen: SocketAddr) -> Result<(TcpListener, SocketAddr), String> {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("cannot listen on {listen} (`{key}`): {error}"))?;
    let address = listener.local_addr().map_err(|error| format!("the socket has no address: {error}"))?;
    Ok((listener, address))
}

/// The secret that was given, or the one that the server keeps.
fn kept(server: &ServerConfig, given: Option<&Secret>, name: &str) -> Result<Secret, String> {
    match given {
        Some(secret) => Ok(secret.clone()),
        None => {
            make_folder(&server.data_dir)?;
            let path = server.data_dir.join(name);
            Secret::read_or_create(&path, || random_hex(32))
                .map_err(|error| format!("cannot read or make the key {}: {error}", path.display()))
        }
    }
}

fn make_folder(folder: &std::path::Path) -> Result<(), String> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))
}
