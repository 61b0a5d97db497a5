"""The addresses of the studio's pages."""

from django.urls import path

from studio.views import (
    ads,
    briefs,
    campaigns,
    choosing,
    cutouts,
    docs,
    library,
    members,
    proofs,
    runs,
    workspaces,
)

app_name = "studio"
urlpatterns = [
    path("", campaigns.home, name="home"),
    path("docs", docs.api_docs, name="docs"),
    path("workspaces/<uuid:uid>/enter/", workspaces.enter, name="workspace_enter"),
    path("workspaces/<uuid:uid>/files/", workspaces.files, name="workspace_files"),
    path("workspaces/new/", members.new, name="workspace_new"),
    path("workspaces/<uuid:uid>/members/", members.index, name="members"),
    path("workspaces/<uuid:uid>/members/invite/", members.invite, name="member_invite"),
    path("workspaces/<uuid:uid>/members/<int:person>/", members.change, name="member_change"),
    path("workspaces/<uuid:uid>/invitations/<uuid:invitation>/", members.withdraw, name="member_withdraw"),
    path("workspaces/<uuid:uid>/rename/", members.rename, name="workspace_rename"),
    path("workspaces/<uuid:uid>/log/", members.log, name="log"),
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/new/", campaigns.new, name="campaign_new"),
    path("campaigns/<uuid:uid>/", campaigns.show, name="campaign"),
    path("campaigns/<uuid:campaign_uid>/briefs/new/", briefs.new, name="brief_new"),
    path("campaigns/<uuid:campaign_uid>/briefs/estimate/", briefs.estimate, name="brief_estimate"),
    path("campaigns/<uuid:campaign_uid>/briefs/cutout/", cutouts.cutout, name="brief_cutout"),
    path("campaigns/<uuid:campaign_uid>/proofs/<uuid:form>/<slug:key>", proofs.proof, name="brief_proof"),
    path("briefs/<uuid:uid>/", briefs.edit, name="brief"),
    path("campaigns/<uuid:uid>/ads.zip", campaigns.archive, name="campaign_zip"),
    path("library/", library.index, name="library"),
    path("runs/", runs.index, name="runs"),
    path("runs/<uuid:uid>/", runs.show, name="run"),
    path("runs/<uuid:uid>/stop/", runs.stop, name="run_stop"),
    path("runs/<uuid:uid>/retry/", runs.retry, name="run_retry"),
    path("runs/<uuid:uid>/ads.zip", runs.archive, name="run_zip"),
    path("runs/<uuid:uid>/contact-sheet", runs.contact_sheet, name="run_sheet"),
    path("pictures/<uuid:uid>/stop/", runs.stop_one, name="generation_stop"),
    path("pictures/<uuid:uid>/retry/", runs.retry_one, name="generation_retry"),
    path("ads/<uuid:uid>/", ads.show, name="ad"),
    path("ads/<uuid:uid>/decide/", choosing.decide, name="ad_decide"),
    path("ads/<uuid:uid>/change/<slug:what>/", ads.change, name="ad_change"),
]
