"""Addresses of datasets, files and pictures, below /o/<organisation>/."""

from django.urls import path

from datasets.views import datasets, files, serving

app_name = "datasets"
urlpatterns = [
    path("datasets/", datasets.dataset_list_view, name="list"),
    path("datasets/new/", datasets.new_dataset_view, name="new"),
    path("datasets/<uuid:dataset_id>/", datasets.dataset_view, name="dataset"),
    path("datasets/<uuid:dataset_id>/edit/", datasets.edit_dataset_view, name="edit"),
    path("datasets/<uuid:dataset_id>/upload/", datasets.upload_to_dataset_view, name="upload_to_dataset"),
    path(
        "datasets/<uuid:dataset_id>/upload/finish/", datasets.finish_in_dataset_view, name="finish_in_dataset"
    ),
    path("datasets/<uuid:dataset_id>/files/<uuid:file_id>/remove/", datasets.remove_view, name="remove"),
    path("datasets/<uuid:dataset_id>/delete/", datasets.delete_dataset_view, name="delete"),
    path("files/", files.file_list_view, name="files"),
    path("files/upload/", files.upload_view, name="upload"),
    path("files/upload/finish/", files.finish_view, name="finish"),
    path("files/add-to-dataset/", files.add_to_dataset_view, name="add_to_dataset"),
    path("files/folders/new/", files.new_folder_view, name="new_folder"),
    path("files/folders/<uuid:folder_id>/delete/", files.delete_folder_view, name="delete_folder"),
    path("files/<uuid:file_id>/", files.file_view, name="file"),
    path("files/<uuid:file_id>/rename/", files.rename_file_view, name="rename_file"),
    path("files/<uuid:file_id>/delete/", files.delete_file_view, name="delete_file"),
    path("files/<uuid:file_id>/retry/", files.retry_view, name="retry"),
    path("files/<uuid:file_id>/image/", serving.image_view, name="image"),
    path("files/<uuid:file_id>/thumbnail/", serving.thumbnail_view, name="thumbnail"),
    path("files/<uuid:file_id>/frames/<int:frame>/", serving.frame_view, name="frame"),
    path("files/<uuid:file_id>/frames/<int:frame>/pixels/", serving.pixels_view, name="pixels"),
    path("files/<uuid:file_id>/status/", serving.status_view, name="status"),
]
